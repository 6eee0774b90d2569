import { mkdirSync, renameSync, symlinkSync, unlinkSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openFolder, openRegular, resolveInside, segments } from './inside.ts'
import { type TestFolder, testFolder } from './test-folder.ts'

let folder: TestFolder
beforeEach(() => {
  folder = testFolder()
})
afterEach(() => folder.remove())

test('a path is resolved to what it really is, and never to something outside', async () => {
  folder.put('a/b.txt', '')
  symlinkSync('a', join(folder.root, 'link'))
  symlinkSync(folder.outside, join(folder.root, 'out'))
  symlinkSync('..', join(folder.root, 'up'))
  expect(await resolveInside(folder.root, 'link/./b.txt')).toBe('a/b.txt')
  expect(await resolveInside(folder.root, 'up/root/a')).toBe('a')
  expect(await resolveInside(folder.root, '.')).toBe('')
  for (const path of ['out', 'out/secret.txt', 'up', 'up/root-outside/secret.txt', 'up/..', '..'])
    await expect(resolveInside(folder.root, path)).rejects.toThrow('leads out')
})

test('segments are names, nothing that climbs', () => {
  expect(segments('./a//b/.')).toEqual(['a', 'b'])
  for (const path of ['..', 'a/..', 'a/../b', '/', '/a', 'a\\b', 'a\0']) expect(() => segments(path)).toThrow()
})

test.runIf(process.platform === 'linux')('an open folder stays the same when a link takes its name', async () => {
  folder.put('a/secret.txt', 'inside')
  await using opened = await openFolder(folder.root, ['a'])
  renameSync(join(folder.root, 'a'), join(folder.root, 'moved'))
  symlinkSync(folder.outside, join(folder.root, 'a'))
  await using file = await openRegular(opened, 'secret.txt', 'a/secret.txt')
  expect(await file.readFile('utf8')).toBe('inside')
})

test('a folder that became a link after it was resolved is not opened', async () => {
  mkdirSync(join(folder.root, 'a'))
  symlinkSync(folder.outside, join(folder.root, 'a/b'))
  await expect(openFolder(folder.root, ['a', 'b'])).rejects.toThrow('a/b leads through')
  unlinkSync(join(folder.root, 'a/b'))
})

test.runIf(process.platform === 'linux')('no folder is left open by a refusal', async () => {
  symlinkSync(folder.outside, join(folder.root, 'out'))
  const before = (await readdir('/proc/self/fd')).length
  for (let i = 0; i < 20; i++) await openFolder(folder.root, ['out']).catch(() => undefined)
  expect((await readdir('/proc/self/fd')).length).toBeLessThan(before + 20)
})
