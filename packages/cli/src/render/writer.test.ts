import { PassThrough, Writable } from 'node:stream'
import { expect, test } from 'vitest'
import { batched } from './writer.ts'

test('ten thousand pieces of one moment go out as few writes, all in order', async () => {
  const writes: string[] = []
  const stream = new Writable({
    write(chunk, _, done) {
      writes.push(String(chunk))
      done()
    },
  })
  const writer = batched(stream)
  const pieces = Array.from({ length: 10_000 }, (_, index) => `${index} `)
  for (const piece of pieces) writer.write(piece)
  await writer.flush()
  expect(writes.join('')).toBe(pieces.join(''))
  expect(writes.length).toBeLessThan(3)
})

test('text and bytes keep their order', async () => {
  const stream = new PassThrough()
  const writer = batched(stream)
  writer.write('a')
  writer.write(Buffer.from([0xff, 0x00]))
  writer.write('b')
  await writer.flush()
  expect(stream.read()).toEqual(Buffer.from([0x61, 0xff, 0x00, 0x62]))
})

test('a slow reader is waited for', async () => {
  const stream = new PassThrough({ highWaterMark: 10 })
  const writer = batched(stream)
  writer.write('x'.repeat(100 << 10))
  let ready = false
  const waiting = Promise.resolve(writer.ready()).then(() => {
    ready = true
  })
  await new Promise(setImmediate)
  expect(ready).toBe(false)
  stream.resume()
  await waiting
})

test('a reader that went away fails the writer, and nothing waits for it', async () => {
  const stream = new PassThrough({ highWaterMark: 1 })
  const writer = batched(stream)
  writer.write('much')
  const flushed = writer.flush()
  stream.destroy(Object.assign(new Error('gone'), { code: 'EPIPE' }))
  await flushed
  expect(writer.failed.reason).toMatchObject({ code: 'EPIPE' })
})
