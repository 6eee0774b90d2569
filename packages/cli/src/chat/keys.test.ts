import { PassThrough } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { listen } from './keys.ts'

/** What comes of bytes that a terminal sends, in these pieces. */
async function heard(...pieces: string[]): Promise<string[]> {
  const input = new PassThrough()
  const all: string[] = []
  const stop = listen(input, {
    key: key => all.push(key.name === 'text' ? key.text : `<${key.name}>`),
    paste: text => all.push(`paste:${text}`),
  })
  for (const piece of pieces) {
    input.write(piece)
    await new Promise(setImmediate)
  }
  await sleep(80)
  stop()
  input.end()
  return all
}

test.each([
  ['\r', 'enter'],
  ['\x1b\r', 'newline'],
  ['\n', 'newline'],
  ['\x1b[13;2u', 'newline'],
  ['\x1b[A', 'up'],
  ['\x1b[1;5D', 'wordLeft'],
  ['\x1bb', 'wordLeft'],
  ['\x1bf', 'wordRight'],
  ['\x1b[H', 'home'],
  ['\x1b[F', 'end'],
  ['\x01', 'home'],
  ['\x17', 'deleteWord'],
  ['\x1b\x7f', 'deleteWord'],
  ['\x7f', 'backspace'],
  ['\x1b[3~', 'delete'],
  ['\x15', 'deleteToStart'],
  ['\x0b', 'deleteToEnd'],
  ['\x03', 'interrupt'],
  ['\x04', 'endOfInput'],
  ['\x1b[5~', 'pageUp'],
  ['\x1b[1;2A', 'lineUp'],
  ['\x1b', 'escape'],
])('%j is %s', async (bytes, name) => {
  expect(await heard(bytes)).toEqual([`<${name}>`])
})

test('text of any script comes as it is, capitals too', async () => {
  expect((await heard('aB ?日👍é')).join('')).toBe('aB ?日👍é')
})

test('a paste of several lines comes whole, in whatever pieces, and sends nothing', async () => {
  expect(await heard('\x1b[200~one\rtw', 'o\r\nthree\x03\x1b[201', '~x')).toEqual(['paste:one\ntwo\nthree', 'x'])
})

test('keys that mean nothing here put nothing into the line', async () => {
  expect(await heard('\x1b[15~\x1b[1;7P\x1bx\x07')).toEqual([])
})
