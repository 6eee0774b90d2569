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
  const bytes = body.reduce((sum, piece) => sum + piece.length, 0)
  return Buffer.concat([beginning(head, bytes), ...body])
}

/** The same in two pieces: a large body is not copied. */
export const frameParts = (head: unknown, body: Buffer): Buffer[] => [beginning(head, body.length), body]

function beginning(head: unknown, bodyBytes: number): Buffer {
  const text = JSON.stringify(head)
  const bytes = Buffer.byteLength(text)
  const whole = Buffer.allocUnsafe(lengths + bytes)
  whole.writeUInt32BE(bytes, 0)
  whole.writeUInt32BE(bodyBytes, 4)
  whole.write(text, lengths)
  return whole
}

/**
 * The frames in a stream of bytes; the body of each is good until the next is asked for.
 * @param patienceMs how long the next bytes may take
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
  const clock = patience(patienceMs)
  /** What came and was not taken yet. */
  let rest: Uint8Array = Buffer.alloc(0)
  /** For what comes in several pieces: the same for all frames. */
  let space = Buffer.alloc(0)
  let isOver = false

  /** So many bytes; null at an end before the first of them. */
  async function take(wanted: number): Promise<Buffer | null> {
    if (wanted <= rest.length) return off(wanted)
    if (space.length < wanted) space = Buffer.allocUnsafeSlow(Math.max(wanted, 1 << 16))
    let length = 0
    while (length < wanted) {
      if (rest.length === 0) {
        const next = await clock.within(iterator.next())
        if (next.done) {
          isOver = true
          if (length === 0) return null
          throw new PeerRefused('it sends half a frame')
        }
        rest = next.value
      }
      const some = off(Math.min(rest.length, wanted - length))
      space.set(some, length)
      length += some.length
    }
    return space.subarray(0, wanted)
  }

  function off(bytes: number): Buffer {
    const some = Buffer.from(rest.buffer, rest.byteOffset, bytes)
    rest = rest.subarray(bytes)
    return some
  }

  return {
    take,
    // Not waited for: a source that never answers would keep us.
    end: async () => {
      clock.stop()
      if (!isOver) iterator.return?.()?.catch(() => {})
    },
  }
}

/** One clock for all that is waited for. */
function patience(ms: number) {
  let late: (error: Error) => void = () => {}
  const timer = setTimeout(() => late(new PeerRefused('it sends nothing any more')), ms)
  return {
    within: <T>(coming: Promise<T>): Promise<T> => {
      timer.refresh()
      return new Promise((resolve, reject) => {
        late = reject
        coming.then(resolve, reject)
      })
    },
    stop: () => clearTimeout(timer),
  }
}
