import { mkdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { temporaryFolder } from '../testing.ts'
import { directoryFor, mapFolder, readMap, unmapFolder } from './map.ts'

test('a mapped folder and all below it run in the matching place, the nearest one decides', () => {
  using folder = temporaryFolder()
  const place = { dataDir: join(folder.path, 'data'), machine: undefined }
  const at = (...parts: string[]) => join(folder.path, 'work', ...parts)
  for (const parts of [['app', 'src'], ['app', 'docs', 'de'], ['app2']]) mkdirSync(at(...parts), { recursive: true })
  symlinkSync(at('app', 'src'), join(folder.path, 'link'))
  mapFolder(place, at('app'), 'code/app')
  mapFolder(place, at('app', 'docs'), 'docs')
  expect(directoryFor(place, at('app'))).toBe('code/app')
  expect(directoryFor(place, at('app', 'src'))).toBe('code/app/src')
  expect(directoryFor(place, join(folder.path, 'link'))).toBe('code/app/src')
  expect(directoryFor(place, at('app', 'docs', 'de'))).toBe('docs/de')
  expect(directoryFor(place, at('app2'))).toBe('.')
  expect(directoryFor(place, at())).toBe('.')
  expect(directoryFor({ ...place, machine: 'otter' }, at('app'))).toBe('.')
})

test('a folder is mapped to one place, and to none once it is removed', () => {
  using folder = temporaryFolder()
  const place = { dataDir: folder.path, machine: 'otter' }
  mapFolder(place, folder.path, 'a')
  mapFolder(place, folder.path, 'b')
  expect(readMap(place).map(({ directory }) => directory)).toEqual(['b'])
  expect(unmapFolder(place, folder.path)?.directory).toBe('b')
  expect(unmapFolder(place, folder.path)).toBeUndefined()
})
