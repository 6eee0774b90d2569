// Collects pieces that come fast, so that they are committed together.

export interface Gather<Piece> {
  add(piece: Piece): void
  /** Hands over what has been collected, now. */
  flush(): void
}

/** A slow disk makes the pauses longer, so that writing takes one part in so many of the time; a reader still sees it flow. */
const share = 20
const longestMs = 100

/**
 * Hands pieces over at most once in `ms`: the first one after a pause at once, the others together. What `handOver`
 * throws goes to `failed`, but from `flush` it is thrown; the pieces then stay for the next try.
 */
export function gather<Piece>(
  ms: number,
  handOver: (pieces: readonly Piece[]) => void,
  failed: (error: unknown) => void,
): Gather<Piece> {
  let pieces: Piece[] = []
  let timer: NodeJS.Timeout | undefined
  let due = Number.NEGATIVE_INFINITY

  function flush(): void {
    clearTimeout(timer)
    timer = undefined
    if (pieces.length === 0) return
    const begin = performance.now()
    handOver(pieces)
    pieces = []
    const end = performance.now()
    due = end + Math.max(ms, Math.min(longestMs, share * (end - begin)))
  }

  function tryFlush(): void {
    try {
      flush()
    } catch (error) {
      failed(error)
    }
  }

  function add(piece: Piece): void {
    pieces.push(piece)
    // A flood of pieces keeps timers from firing, so the clock is looked at here as well.
    const wait = due - performance.now()
    if (wait <= 0) tryFlush()
    else timer ??= setTimeout(tryFlush, wait)
  }

  return { add, flush }
}
