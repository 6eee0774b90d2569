import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { openStream, StreamBroken, sealStream } from './index.ts'

const key = randomBytes(32)
const about = Buffer.from('row 1')
const piece = 64 << 10
const sealedPiece = piece + 16
const head = 15

async function* chunked(bytes: Buffer, size: number) {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}
async function whole(bytes: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const all: Uint8Array[] = []
  for await (const some of bytes) all.push(some)
  return Buffer.concat(all)
}
const seal = (plain: Buffer, size = 50_000) => whole(sealStream(chunked(plain, size), key, about))
const open = (sealed: Buffer, { by = key, of = about, size = 70_000 } = {}) =>
  whole(openStream(chunked(sealed, size), by, of))

test('what was sealed opens, whatever its length and however it comes', async () => {
  // Catches a last piece that is forgotten, doubled, or taken for one in the middle, at each edge.
  const lengths = fc.constantFrom(0, 1, piece - 1, piece, piece + 1, 2 * piece, 3 * piece - 1, 3 * piece + 5)
  const size = fc.integer({ min: 1_000, max: 200_000 })
  await fc.assert(
    fc.asyncProperty(lengths, size, size, async (length, into, from) => {
      const plain = randomBytes(length)
      expect((await open(await seal(plain, into), { size: from })).equals(plain)).toBe(true)
    }),
    { numRuns: 40 },
  )
})

test('one bit changed anywhere, or an end missing, is found', async () => {
  const sealed = await seal(randomBytes(2 * piece + 100))
  await fc.assert(
    fc.asyncProperty(fc.nat(sealed.length - 1), fc.nat(7), async (at, bit) => {
      const changed = Buffer.from(sealed)
      changed[at] = (changed[at] ?? 0) ^ (1 << bit)
      await expect(open(changed)).rejects.toThrow(StreamBroken)
      await expect(open(sealed.subarray(0, at))).rejects.toThrow(StreamBroken)
    }),
    { numRuns: 100 },
  )
})

test('pieces that are moved, left out or doubled are found; so are another key and another place', async () => {
  const sealed = await seal(randomBytes(3 * piece))
  const at = (n: number) => sealed.subarray(head + n * sealedPiece, head + (n + 1) * sealedPiece)
  const begin = sealed.subarray(0, head)
  const wrong = [
    [begin, at(1), at(0), at(2)],
    [begin, at(0), at(2)],
    [begin, at(0), at(0), at(1), at(2)],
    [begin, at(0), at(1)],
    [sealed, at(2)],
  ]
  for (const parts of wrong) await expect(open(Buffer.concat(parts))).rejects.toThrow(StreamBroken)
  await expect(open(sealed, { by: randomBytes(32) })).rejects.toThrow(StreamBroken)
  await expect(open(sealed, { of: Buffer.from('row 2') })).rejects.toThrow(StreamBroken)
})
