// Frames: a JSON head and bytes, each with its length before it. Read with limits, since the other side may be hostile.

import { PeerRefused } from './refused.ts'

export const mostHeadBytes = 4 << 20
export const mostBodyBytes = 4 << 20
const lengths = 8

export interface Frame {
  head: unknown
  body: Buffer
}

/** One frame as bytes. */
export function frame(head: unknown, body: readonly Uint8Array[] = []): Buffer {
  const text = Buffer.from(JSON.stringify(head))
  const sizes = Buffer.alloc(lengths)
  sizes.writeUInt32BE(text.length, 0)
  sizes.writeUInt32BE(
    body.reduce((sum, piece) => sum + piece.length, 0),
    4,
  )
  return Buffer.concat([sizes, text, ...body])
}

/**
 * The frames in a stream of bytes. @param patienceMs how long the next bytes may take
 * @throws PeerRefused for a frame that is too large, is cut off, holds no JSON, or does not come.
 */
export async function* frames(source: AsyncIterable<Uint8Array>, patienceMs = 60_000): AsyncGenerator<Frame> {
  const bytes = reader(source, patienceMs)
  try {
    for (;;) {
      const sizes = await bytes.take(lengths)
      if (!sizes) return
      const [head, body] = [sizes.readUInt32BE(0), sizes.readUInt32BE(4)]
      if (head > mostHeadBytes || body > mostBodyBytes) throw new PeerRefused('it sends a frame that is too large')
      const whole = await bytes.take(head + body)
      if (!whole) throw new PeerRefused('it sends half a frame')
      yield { head: parsed(whole.subarray(0, head)), body: whole.subarray(head) }
    }
  } finally {
    await bytes.end()
  }
}

function parsed(text: Buffer): unknown {
  try {
    return JSON.parse(text.toString())
  } catch {
    throw new PeerRefused('it sends a frame that is not understood')
  }
}

function reader(source: AsyncIterable<Uint8Array>, patienceMs: number) {
  const iterator = source[Symbol.asyncIterator]()
  let pieces: Uint8Array[] = []
  let length = 0
  let isOver = false

  /** So many bytes; null at an end before the first of them. */
  async function take(wanted: number): Promise<Buffer | null> {
    while (length < wanted) {
      const next = await within(iterator.next(), patienceMs)
      if (next.done) {
        isOver = true
        if (length === 0) return wanted === 0 ? Buffer.alloc(0) : null
        throw new PeerRefused('it sends half a frame')
      }
      pieces.push(next.value)
      length += next.value.length
    }
    const [first] = pieces
    const all =
      pieces.length === 1 && first ? Buffer.from(first.buffer, first.byteOffset, first.length) : Buffer.concat(pieces)
    pieces = length === wanted ? [] : [all.subarray(wanted)]
    length -= wanted
    return all.subarray(0, wanted)
  }

  return {
    take,
    // Not waited for: a source that never answers would keep us.
    end: async () => void (isOver || iterator.return?.()?.catch(() => {})),
  }
}

async function within<T>(coming: Promise<T>, ms: number): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>()
  const late = setTimeout(() => reject(new PeerRefused('it sends nothing any more')), ms)
  try {
    return await Promise.race([coming, promise])
  } finally {
    clearTimeout(late)
  }
}
