import { execFileSync } from 'node:child_process'
import { linkSync, symlinkSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { FileRefused } from './inside.ts'
import { type ReadOptions, readText } from './read.ts'
import { outsideSecret, type TestFolder, testFolder } from './test-folder.ts'

let folder: TestFolder
beforeEach(() => {
  folder = testFolder()
})
afterEach(() => folder.remove())

const read = (path: string, options?: ReadOptions) => readText(folder.root, path, options)

test('a whole file, and some of its lines', async () => {
  folder.put('a/b.txt', 'one\ntwo\nthree\n')
  expect(await read('a/b.txt')).toMatchObject({ kind: 'text', text: 'one\ntwo\nthree\n', from: 1, to: 3, lines: 3 })
  expect(await read('./a//b.txt', { from: 2, to: 2 })).toMatchObject({ text: 'two\n', from: 2, to: 2, lines: 3 })
  expect(await read('a/b.txt', { from: 3, to: 99 })).toMatchObject({ text: 'three\n', from: 3, to: 3 })
  expect(await read('a/b.txt', { from: 9 })).toMatchObject({ text: '', from: 9, to: 8, lines: 3 })
})

test('what is over the limit is cut at the end of a line', async () => {
  folder.put('a.txt', 'äää\n'.repeat(10))
  expect(await read('a.txt', { maxBytes: 20 })).toMatchObject({ text: 'äää\näää\n', to: 2, lines: 10 })
})

test('a binary file is named as one, its content stays', async () => {
  folder.put('a.bin', Buffer.from([65, 0, 66]))
  expect(await read('a.bin')).toEqual({ kind: 'binary', path: 'a.bin', bytes: 3 })
})

test('a file that is too large is refused', async () => {
  folder.put('large.txt', 'x'.repeat((8 << 20) + 1))
  await expect(read('large.txt')).rejects.toThrow('search in it instead')
})

test.each([
  ['../root-outside/secret.txt', 'leads out'],
  ['a/../../root-outside/secret.txt', 'leads out'],
  ['/etc/passwd', 'is absolute'],
  ['a\0b', 'not a path'],
  ['..\\root-outside\\secret.txt', 'not a path'],
  ['missing.txt', 'does not exist'],
  ['', 'is a folder'],
  ['.', 'is a folder'],
  ['some', 'is a folder'],
  ['some/file.txt/x', 'not a folder'],
  [`${'x/'.repeat(3000)}x`, 'not a path'],
])('%j is refused: it %s', async (path, why) => {
  folder.put('some/file.txt', 'text')
  const refused = read(path, { own: true })
  await expect(refused).rejects.toBeInstanceOf(FileRefused)
  await expect(refused).rejects.toThrow(why)
})

test('a refusal does not tell where the root is', async () => {
  await expect(read('missing.txt')).rejects.toSatisfy(error => !String(error).includes(folder.root))
})

test('a link is followed inside, and not to the outside', async () => {
  folder.put('a/real.txt', 'inside')
  symlinkSync('a/real.txt', join(folder.root, 'link.txt'))
  symlinkSync('a', join(folder.root, 'folder-link'))
  symlinkSync(join(folder.outside, 'secret.txt'), join(folder.root, 'out.txt'))
  symlinkSync('../root-outside', join(folder.root, 'out'))
  symlinkSync('loop', join(folder.root, 'loop'))
  expect(await read('link.txt')).toMatchObject({ text: 'inside' })
  expect(await read('folder-link/real.txt')).toMatchObject({ text: 'inside' })
  for (const path of ['out.txt', 'out/secret.txt']) await expect(read(path, { own: true })).rejects.toThrow('leads out')
  await expect(read('loop')).rejects.toThrow(FileRefused)
})

test('a pipe and a socket are refused without waiting for them', async () => {
  execFileSync('mkfifo', [join(folder.root, 'pipe')])
  const server = createServer().listen(join(folder.root, 'socket'))
  await expect(read('pipe')).rejects.toThrow('not a regular file')
  await expect(read('socket')).rejects.toThrow('not a regular file')
  await new Promise(resolve => server.close(resolve))
})

test('secrets and ignored files are kept back from others, under any name, and given to the owner', async () => {
  folder.put('.gitignore', 'dist/\n')
  folder.put('dist/a.js', 'built')
  folder.put('.env', 'KEY=1')
  folder.put('a/.env.local', 'KEY=1')
  folder.put('.ssh/config', 'Host')
  folder.put('.env.example', 'KEY=')
  symlinkSync('.env', join(folder.root, 'harmless.txt'))
  symlinkSync('dist', join(folder.root, 'built'))
  for (const path of ['dist/a.js', 'built/a.js', '.env', 'a/.env.local', '.ssh/config', 'harmless.txt']) {
    await expect(read(path)).rejects.toThrow('kept back')
    expect(await read(path, { own: true })).toMatchObject({ kind: 'text' })
  }
  expect(await read('.env.example')).toMatchObject({ text: 'KEY=' })
})

test('a secret that is kept back is not told apart from one that is not there', async () => {
  await expect(read('.env')).rejects.toThrow('kept back')
})

// Catches: a path that is not resolved before it is judged, or judged by its beginning; a path that climbs let through; a
// link followed at the end. Each is guarded twice (resolveInside, then segment by segment): inside.test.ts has the guards.
test('no path gives what is outside', async () => {
  folder.put('a/b.txt', 'inside')
  folder.put('.git/HEAD', 'inside')
  linkSync(join(folder.root, 'a/b.txt'), join(folder.root, 'hard.txt'))
  symlinkSync('../root-outside', join(folder.root, 'out'))
  symlinkSync(folder.outside, join(folder.root, 'a/out'))
  symlinkSync('..', join(folder.root, 'a/up'))
  symlinkSync('../..', join(folder.root, 'a/upup'))
  symlinkSync('out/secret.txt', join(folder.root, 'chain'))
  symlinkSync('/', join(folder.root, 'top'))
  const part = fc.oneof(
    fc.constantFrom(
      '..',
      '.',
      '',
      'a',
      'out',
      'up',
      'upup',
      'chain',
      'top',
      'root-outside',
      'root',
      'secret.txt',
      'b.txt',
    ),
    fc.constantFrom('hard.txt', folder.outside, folder.root, 'proc', 'self', 'cwd', '%2e%2e', '..\\', '\0', '~'),
    fc.string({ maxLength: 6 }),
  )
  const path = fc.array(part, { minLength: 1, maxLength: 8 }).map(parts => parts.join('/'))
  let given = 0
  await fc.assert(
    fc.asyncProperty(path, fc.boolean(), async (wanted, own) => {
      const found = await read(wanted, { own }).catch((error: unknown) => {
        if (!(error instanceof FileRefused)) throw error
        return null
      })
      if (found?.kind === 'text') given++
      expect(found === null || (found.kind === 'text' && found.text === 'inside')).toBe(true)
      expect(JSON.stringify(found)).not.toContain(outsideSecret)
    }),
    {
      numRuns: 3000,
      examples: [
        ['a/b.txt', false],
        ['a/up/a/b.txt', false],
        ['a/up/../root/a/b.txt', true],
        ['a/upup/root-outside/secret.txt', true],
        ['out/secret.txt', true],
        ['chain', true],
        ['top/proc/self/cwd/package.json', true],
      ],
    },
  )
  expect(given).toBeGreaterThan(1)
})
