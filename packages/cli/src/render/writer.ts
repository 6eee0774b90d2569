// Writes many small pieces as few large ones, and no faster than the other end takes them.

import type { Writable } from 'node:stream'

export interface Writer {
  /** Takes a piece; it goes out with all others of this moment. */
  write(piece: string | Uint8Array): void
  /** Done once everything went out and the other end can take more. */
  flush(): Promise<void>
  /** Done at once unless much is waiting for the other end. */
  ready(): Promise<void> | undefined
  /** Aborted, with the reason, once the stream takes nothing any more: `EPIPE` when its reader went away. */
  failed: AbortSignal
}

const enough = 64 << 10

/**
 * A writer on a stream. Pieces are joined until the event loop has nothing else to do, so a model's answer costs one
 * write for each packet that came and not one for each word.
 */
export function batched(stream: Writable): Writer {
  let pieces: Uint8Array[] = []
  let text = ''
  let size = 0
  let scheduled = false
  const failing = new AbortController()
  stream.on('error', error => failing.abort(error))

  function write(piece: string | Uint8Array): void {
    if (typeof piece === 'string') text += piece
    else {
      settleText()
      pieces.push(piece)
    }
    size += piece.length
    if (!scheduled) {
      scheduled = true
      setImmediate(send)
    }
  }

  function settleText(): void {
    if (text !== '') pieces.push(Buffer.from(text))
    text = ''
  }

  function send(): void {
    scheduled = false
    settleText()
    if (pieces.length > 0 && stream.writable) stream.write(pieces.length === 1 ? pieces[0] : Buffer.concat(pieces))
    pieces = []
    size = 0
  }

  async function flush(): Promise<void> {
    send()
    await drained(stream)
  }

  return {
    write,
    flush,
    ready: () => (size < enough && !stream.writableNeedDrain ? undefined : flush()),
    failed: failing.signal,
  }
}

/** `spoq ask … | head -1`: nobody reads any more, and that is no failure. */
export const isReaderGone = (reason: unknown) => (reason as NodeJS.ErrnoException | null)?.code === 'EPIPE'

/** A stream that closes drains nothing more; nobody shall wait for it. */
function drained(stream: Writable): Promise<void> | undefined {
  if (!stream.writableNeedDrain || stream.destroyed) return undefined
  return new Promise(resolve => {
    const done = () => {
      for (const event of ['drain', 'close', 'error']) stream.off(event, done)
      resolve()
    }
    for (const event of ['drain', 'close', 'error']) stream.on(event, done)
  })
}
