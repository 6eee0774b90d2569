import { mkdirSync, symlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { glob } from './glob.ts'
import { FileRefused } from './inside.ts'
import { type TestFolder, testFolder } from './test-folder.ts'

let folder: TestFolder
beforeEach(() => {
  folder = testFolder()
})
afterEach(() => folder.remove())

const paths = async (pattern: string, options = {}) => (await glob(folder.root, pattern, options)).paths

test('patterns of paths, in the order of their names', async () => {
  for (const path of ['src/b.ts', 'src/a.ts', 'src/deep/c.ts', 'README.md', '.editorconfig']) folder.put(path, '')
  expect(await paths('**/*.ts')).toEqual(['src/a.ts', 'src/b.ts', 'src/deep/c.ts'])
  expect(await paths('src/*.ts')).toEqual(['src/a.ts', 'src/b.ts'])
  expect(await paths('*')).toEqual(['.editorconfig', 'README.md'])
  expect(await paths('./src/{a,b}.ts')).toEqual(['src/a.ts', 'src/b.ts'])
  expect(await paths('**')).toHaveLength(5)
})

test('nested .gitignore files count, .git and node_modules never show', async () => {
  folder.put('.gitignore', '*.log\n/dist/\n')
  folder.put('a/.gitignore', '!keep.log\nlocal/\n')
  for (const path of ['x.log', 'dist/x.js', 'a/dist/y.js', 'a/keep.log', 'a/b.log', 'a/local/z', '.git/HEAD'])
    folder.put(path, '')
  folder.put('node_modules/x/index.js', '')
  folder.put('a/node_modules/x/index.js', '')
  expect(await paths('**/*')).toEqual(['.gitignore', 'a/.gitignore', 'a/dist/y.js', 'a/keep.log'])
})

test('the .gitignore of the repository around the root counts', async () => {
  folder.put('.gitignore', '*.log\nroot/sub/private/\n')
  const root = join(folder.root, 'sub')
  folder.put('sub/x.log', '')
  folder.put('sub/private/y', '')
  folder.put('sub/z', '')
  expect((await glob(root, '**')).paths).toEqual(['private/y', 'x.log', 'z'])
  mkdirSync(join(dirname(folder.root), '.git'))
  folder.put('../.gitignore', 'root/sub/private/\n')
  expect((await glob(root, '**')).paths).toEqual(['z'])
})

test('names of secrets show to the owner only', async () => {
  folder.put('.env', '')
  folder.put('.ssh/id_rsa', '')
  folder.put('a.txt', '')
  expect(await paths('**')).toEqual(['a.txt'])
  expect(await paths('**', { own: true })).toEqual(['.env', '.ssh/id_rsa', 'a.txt'])
})

test('links are not followed', async () => {
  symlinkSync(folder.outside, join(folder.root, 'out'))
  symlinkSync('.', join(folder.root, 'loop'))
  expect(await paths('**/*')).toEqual([])
})

test('a link in the place of .gitignore is not read', async () => {
  folder.put('../root-outside/rules', '*\n')
  symlinkSync(join(folder.outside, 'rules'), join(folder.root, '.gitignore'))
  folder.put('a.txt', '')
  expect(await paths('*.txt')).toEqual(['a.txt'])
})

test('the limit, and that there is more', async () => {
  for (let i = 0; i < 5; i++) folder.put(`${i}.txt`, '')
  expect(await glob(folder.root, '*.txt', { limit: 4 })).toEqual({
    paths: ['0.txt', '1.txt', '2.txt', '3.txt'],
    more: true,
  })
  expect(await glob(folder.root, '*.txt', { limit: 5 })).toMatchObject({ more: false })
})

test.each(['../*', 'a/../../*', '', '/', 'x'.repeat(300)])('the pattern %j is refused', async pattern => {
  await expect(glob(folder.root, pattern)).rejects.toBeInstanceOf(FileRefused)
})

test('a pattern made to take for ever is stopped', async () => {
  folder.put('a'.repeat(200), '')
  const endless = `${'*a'.repeat(40)}b`
  expect(await glob(folder.root, endless, { timeMs: 300 })).toEqual({ paths: [], more: true })
})
