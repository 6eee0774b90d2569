import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { editText, writeText } from './edit.ts'
import { outsideSecret, type TestFolder, testFolder } from './test-folder.ts'

let folder: TestFolder
beforeEach(() => {
  folder = testFolder()
})
afterEach(() => folder.remove())

const content = (path: string) => readFileSync(join(folder.root, path), 'utf8')
const outsideContent = () =>
  readdirSync(folder.outside).map(name => [name, readFileSync(join(folder.outside, name), 'utf8')])

test('a text takes the place of another, the rest and the permissions stay', async () => {
  folder.put('run.sh', '\uFEFFone\r\ntwo\r\n')
  chmodSync(join(folder.root, 'run.sh'), 0o755)
  await editText(folder.root, 'run.sh', 'two', "$& $1 $'")
  expect(content('run.sh')).toBe("\uFEFFone\r\n$& $1 $'\r\n")
  expect(statSync(join(folder.root, 'run.sh')).mode & 0o777).toBe(0o755)
  expect(readdirSync(folder.root)).toEqual(['run.sh'])
})

test('what is not there, or there twice, is not changed', async () => {
  folder.put('a.txt', 'aaa b')
  await expect(editText(folder.root, 'a.txt', 'c', 'd')).rejects.toThrow('does not stand in')
  await expect(editText(folder.root, 'a.txt', '', 'd')).rejects.toThrow('does not stand in')
  await expect(editText(folder.root, 'a.txt', 'aa', 'd')).rejects.toThrow('more than once')
  expect(content('a.txt')).toBe('aaa b')
})

test('what is no UTF-8 text is not changed', async () => {
  folder.put('latin1.txt', Buffer.from([0x61, 0xe4, 0x62]))
  folder.put('bin', Buffer.from('a\0b'))
  await expect(editText(folder.root, 'latin1.txt', 'a', 'c')).rejects.toThrow('not UTF-8')
  await expect(editText(folder.root, 'bin', 'a', 'c')).rejects.toThrow('not a text file')
})

test('a new file, its folders made; an old one only when that is wanted', async () => {
  await writeText(folder.root, 'a/b/c.txt', 'new', { create: true })
  expect(content('a/b/c.txt')).toBe('new')
  await expect(writeText(folder.root, 'a/b/c.txt', 'other', { create: true })).rejects.toThrow('exists already')
  await writeText(folder.root, 'a/b/c.txt', 'other')
  expect(content('a/b/c.txt')).toBe('other')
})

test('no link is written through, neither on the way nor at the end', async () => {
  mkdirSync(join(folder.root, 'real'))
  symlinkSync('real', join(folder.root, 'inside'))
  symlinkSync(folder.outside, join(folder.root, 'out'))
  symlinkSync(join(folder.outside, 'secret.txt'), join(folder.root, 'out.txt'))
  symlinkSync(join(folder.outside, 'new.txt'), join(folder.root, 'dangling.txt'))
  for (const path of ['inside/a.txt', 'out/a.txt', 'out/new/a.txt', 'out.txt', 'dangling.txt'])
    await expect(writeText(folder.root, path, 'x')).rejects.toThrow(/link|regular/)
  await expect(editText(folder.root, 'out.txt', 'secret', 'x')).rejects.toThrow('leads out')
  expect(outsideContent()).toEqual([['secret.txt', outsideSecret]])
})

test.each(['../a.txt', '/tmp/a.txt', 'a/../../b', '', '.', 'a\0', '.git/hooks/pre-commit', 'a/.GIT/config'])(
  '%j is not written',
  async path => {
    await expect(writeText(folder.root, path, 'x')).rejects.toThrow()
    expect(readdirSync(folder.root)).toEqual([])
  },
)

// Catches: replacing by String.replace (which reads $ in the new text), and a count that misses overlaps.
test('a text that stands there once is replaced exactly, any other changes nothing', async () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b', '$', '&', '\n', 'ä'), maxLength: 12 })
  await fc.assert(
    fc.asyncProperty(text, text, text, async (whole, before, after) => {
      folder.put('a.txt', whole)
      const places = [...whole].map((_, at) => at).filter(at => before !== '' && whole.startsWith(before, at))
      const done = await editText(folder.root, 'a.txt', before, after).then(
        () => true,
        () => false,
      )
      expect(done).toBe(places.length === 1)
      const at = places[0] ?? 0
      expect(content('a.txt')).toBe(done ? whole.slice(0, at) + after + whole.slice(at + before.length) : whole)
    }),
    { numRuns: 300 },
  )
})
