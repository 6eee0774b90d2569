// What a command printed, bounded: its beginning and its end, with how much is missing between them.

export interface Output {
  add(chunk: Buffer): void
  text(): string
}

/** Keeps the first and the last `half` bytes. */
export function boundedOutput(half = 32 << 10): Output {
  const head: Buffer[] = []
  let headBytes = 0
  let tail = Buffer.alloc(0)
  let missing = 0

  function add(chunk: Buffer): void {
    const first = chunk.subarray(0, half - headBytes)
    head.push(Buffer.from(first))
    headBytes += first.length
    const all = Buffer.concat([tail, chunk.subarray(first.length)])
    tail = all.subarray(Math.max(0, all.length - half))
    missing += all.length - tail.length
  }

  function text(): string {
    const begin = Buffer.concat(head)
    if (missing === 0) return Buffer.concat([begin, tail]).toString()
    return `${begin.toString()}\n[${missing} bytes left out]\n${tail.toString()}`
  }

  return { add, text }
}
