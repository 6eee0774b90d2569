import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { maxQuestionBytes } from '@spoq/contracts/session'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { buildQuestion } from './question.ts'

let directory: string

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'spoq-question-'))
  write('a.txt', 'one\ntwo\nthree\n')
})
afterEach(() => rmSync(directory, { recursive: true }))

const write = (name: string, content: string | Buffer) => writeFileSync(join(directory, name), content)
const build = (words: string, files: string[] = [], input: string | null = null) =>
  buildQuestion({ words, files, input, directory })

test('-f sends a file, a line of it, some lines, or all from a line on', async () => {
  const built = await build('why?', ['a.txt', 'a.txt:2', 'a.txt:2-3', 'a.txt:2-', 'a.txt:3-99'])
  expect(built?.attachments).toEqual([
    { name: 'a.txt', text: 'one\ntwo\nthree\n' },
    { name: 'a.txt', text: 'two\n', lines: [2, 2] },
    { name: 'a.txt', text: 'two\nthree\n', lines: [2, 3] },
    { name: 'a.txt', text: 'two\nthree\n', lines: [2, 3] },
    { name: 'a.txt', text: 'three\n', lines: [3, 3] },
  ])
})

test('a file whose name looks like a range is that file', async () => {
  write('b:1-2', 'whole')
  expect((await build('why?', ['b:1-2']))?.attachments).toEqual([{ name: 'b:1-2', text: 'whole' }])
})

test('lines of a file that is too large to be sent are sent', async () => {
  write('big.log', `first\nsecond\n${'x'.repeat(maxQuestionBytes)}\n`)
  expect((await build('why?', ['big.log:2']))?.attachments[0]?.text).toBe('second\n')
  await expect(build('why?', ['big.log'])).rejects.toMatchObject({ code: 'too_large' })
})

test('@path names a file inside the words; the mark that ends a sentence is no part of it', async () => {
  const built = await build('what is in @a.txt:1, and (@a.txt)? mail me@example.org, \\@nobody')
  expect(built?.question).toBe('what is in @a.txt:1, and (@a.txt)? mail me@example.org, @nobody')
  expect(built?.attachments.map(({ text }) => text)).toEqual(['one\n', 'one\ntwo\nthree\n'])
})

test('standard input goes with the question, and alone it is the question', async () => {
  expect(await build('why?', [], 'a log')).toEqual({
    question: 'why?',
    attachments: [{ name: 'stdin', text: 'a log' }],
  })
  expect(await build('', [], 'why?\n')).toEqual({ question: 'why?', attachments: [] })
  expect(await build('  ', [], '')).toBeNull()
})

test.each([
  ['a missing file', 'nothing.txt', 'There is no file nothing.txt here.'],
  ['a folder', 'folder', 'folder is a folder: name the files in it.'],
  ['lines after the end', 'a.txt:4', 'a.txt is shorter: a.txt:4 begins after its last line.'],
  ['lines that go backwards', 'a.txt:3-1', 'a.txt:3-1 names no lines: count from 1, first to last.'],
  ['a binary file', 'binary', 'binary is not UTF-8 text, and only text can be asked about.'],
  ['half a letter', 'half', 'half is not UTF-8 text, and only text can be asked about.'],
  ['a private key', 'key', 'key holds a private key, and such a file is never sent.'],
  ['lines of a private key', 'key:2-2', 'key holds a private key, and such a file is never sent.'],
])('%s is refused by name', async (_, name, message) => {
  mkdirSync(join(directory, 'folder'))
  write('binary', Buffer.from([0x61, 0, 0x62]))
  write('half', Buffer.from([0xc3]))
  write('key', '-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n')
  await expect(build('why?', [name])).rejects.toMatchObject({ code: 'usage', message })
  await expect(build(`why? @${name}`)).rejects.toMatchObject({ code: 'usage', message })
})

test('all together has a limit, and the largest is named', async () => {
  write('half.txt', 'x'.repeat(maxQuestionBytes / 2 + 1))
  write('other.txt', 'x'.repeat(maxQuestionBytes / 2))
  await expect(build('why?', ['other.txt', 'half.txt'])).rejects.toMatchObject({
    code: 'too_large',
    message: expect.stringContaining('half.txt'),
  })
})

test('files without a question are a mistake', async () => {
  await expect(build('', ['a.txt'])).rejects.toMatchObject({ code: 'usage' })
})

test.each([
  ['png', Buffer.from('89504e470d0a1a0a00', 'hex')],
  ['jpeg', Buffer.from('ffd8ffe000104a464946', 'hex')],
  ['gif', Buffer.from('GIF89a\x01\x00', 'latin1')],
  ['webp', Buffer.from('RIFF\x10\x00\x00\x00WEBPVP8 ', 'latin1')],
])('a %s goes as an image, by its bytes', async (kind, bytes) => {
  write('shot', bytes)
  const media = { type: `image/${kind}`, data: bytes.toString('base64') }
  expect((await build('what?', ['shot']))?.attachments).toEqual([{ name: 'shot', text: '', media }])
})

test('what is an image by its name alone is none, and one that is too large is told', async () => {
  write('shot.png', Buffer.from([0, 1, 2, 3]))
  await expect(build('what?', ['shot.png'])).rejects.toMatchObject({ code: 'usage' })
  write('big.png', Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), Buffer.alloc(maxQuestionBytes * 0.8)]))
  await expect(build('what?', ['big.png'])).rejects.toMatchObject({
    code: 'too_large',
    message: expect.stringContaining('The image big.png'),
  })
})
