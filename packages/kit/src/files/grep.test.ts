import { symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { grep } from './grep.ts'
import { FileRefused } from './inside.ts'
import { type TestFolder, testFolder } from './test-folder.ts'

let folder: TestFolder
beforeEach(() => {
  folder = testFolder()
})
afterEach(() => folder.remove())

test('lines with their places, in text files that are not ignored', async () => {
  folder.put('.gitignore', 'dist\n')
  folder.put('a.ts', 'const port = 1\r\n\nlet port2\n')
  folder.put('b/c.md', 'the port')
  folder.put('dist/x.ts', 'port')
  folder.put('.env', 'port')
  folder.put('bin', Buffer.from('port\0'))
  expect(await grep(folder.root, 'port\\d?')).toEqual({
    matches: [
      { path: 'a.ts', line: 1, text: 'const port = 1' },
      { path: 'a.ts', line: 3, text: 'let port2' },
      { path: 'b/c.md', line: 1, text: 'the port' },
    ],
    more: null,
  })
  expect((await grep(folder.root, '^const port = 1$', { glob: '**/*.ts' })).matches).toHaveLength(1)
  expect((await grep(folder.root, 'port', { glob: 'b/**' })).matches).toEqual([
    { path: 'b/c.md', line: 1, text: 'the port' },
  ])
  expect((await grep(folder.root, 'port', { own: true })).matches).toHaveLength(4)
})

test('nothing outside is searched', async () => {
  symlinkSync(folder.outside, join(folder.root, 'out'))
  symlinkSync(join(folder.outside, 'secret.txt'), join(folder.root, 'out.txt'))
  expect((await grep(folder.root, 'secret', { own: true })).matches).toEqual([])
})

test('the limit, and that there is more', async () => {
  folder.put('a.txt', 'x\n'.repeat(10))
  expect(await grep(folder.root, 'x', { limit: 10 })).toMatchObject({ more: null })
  const cut = await grep(folder.root, 'x', { limit: 9 })
  expect([cut.matches.length, cut.more]).toEqual([9, 'limit'])
})

test('a long line is cut, and searched near its beginning', async () => {
  folder.put('a.txt', `x${'y'.repeat(5000)}z`)
  expect((await grep(folder.root, 'x')).matches[0]?.text).toHaveLength(300)
  expect((await grep(folder.root, 'z')).matches).toEqual([])
})

test('an expression that cannot be understood is refused', async () => {
  await expect(grep(folder.root, '(')).rejects.toThrow('not a regular expression')
  await expect(grep(folder.root, 'x'.repeat(2000))).rejects.toBeInstanceOf(FileRefused)
})

// Catches: running the expression where it cannot be interrupted; this test then never ends.
test('an expression that would take for ever is stopped, and what was found is told', async () => {
  folder.put('a.txt', 'aaab\n')
  folder.put('b.txt', `${'a'.repeat(60)}!\n`)
  const found = await grep(folder.root, '^(a+)+b?$|^aaab$', { timeMs: 500 })
  expect(found).toEqual({ matches: [{ path: 'a.txt', line: 1, text: 'aaab' }], more: 'time' })
})

test('who gives up ends the search', async () => {
  folder.put('b.txt', `${'a'.repeat(60)}!\n`)
  const asker = new AbortController()
  const search = grep(folder.root, '^(a+)+$', { signal: asker.signal, timeMs: 600_000 })
  setTimeout(() => asker.abort(new Error('given up')), 200)
  await expect(search).rejects.toThrow('given up')
})
