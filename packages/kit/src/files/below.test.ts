import { symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { filesBelow } from './below.ts'
import { type TestFolder, testFolder } from './test-folder.ts'

let folder: TestFolder
beforeEach(() => {
  folder = testFolder()
})
afterEach(() => folder.remove())

test('the files of one folder and those in it, also where git ignores it, by the name that was asked for', async () => {
  for (const path of ['a/b/one', 'a/b/c/two', 'a/three', 'b/four']) folder.put(path, '')
  folder.put('.gitignore', 'a\n')
  symlinkSync('a', join(folder.root, 'link'))
  expect(await filesBelow(folder.root, 'a/b', 10)).toEqual({ paths: ['a/b/c/two', 'a/b/one'], more: false })
  expect(await filesBelow(folder.root, 'link/b', 10)).toEqual({ paths: ['link/b/c/two', 'link/b/one'], more: false })
  expect(await filesBelow(folder.root, 'a', 2)).toEqual({ paths: ['a/b/c/two', 'a/b/one'], more: true })
})

test('no folder outside is listed', async () => {
  symlinkSync('..', join(folder.root, 'out'))
  for (const path of ['..', '/tmp', 'out'])
    await expect(filesBelow(folder.root, path, 10)).rejects.toThrow(/folder|absolute/)
  await expect(filesBelow(folder.root, 'none', 10)).rejects.toThrow('does not exist')
})
