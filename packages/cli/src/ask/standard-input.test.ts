import { PassThrough, Readable } from 'node:stream'
import { maxQuestionBytes } from '@spoq/contracts/session'
import { expect, test } from 'vitest'
import { readInput } from './standard-input.ts'

test('a letter that is cut between two pieces stays whole', async () => {
  const bytes = Buffer.from('grün')
  expect(await readInput(Readable.from([bytes.subarray(0, 3), bytes.subarray(3)]), 1_000)).toBe('grün')
})

test('a pipe that is open and says nothing is not waited for', async () => {
  const silent = new PassThrough()
  expect(await readInput(silent, 1)).toBeNull()
  expect(silent.destroyed).toBe(true)
})

test('once something came, all is waited for', async () => {
  const slow = new PassThrough()
  slow.write('first ')
  const reading = readInput(slow, 1)
  setTimeout(() => slow.end('last'), 30)
  expect(await reading).toBe('first last')
})

test('an input that ends without a word is an empty one', async () => {
  expect(await readInput(Readable.from([]), 1_000)).toBe('')
})

test('more than a question holds is refused, and so is what is no text', async () => {
  const endless = new Readable({ read: size => void endless.push(Buffer.alloc(size, 'x')) })
  await expect(readInput(endless, null)).rejects.toMatchObject({ code: 'too_large' })
  await expect(readInput(Readable.from([Buffer.from([0xff])]), null)).rejects.toMatchObject({ code: 'usage' })
  expect(maxQuestionBytes).toBeGreaterThan(0)
})
