import { createHash } from 'node:crypto'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import type { FileEntry } from './entry.ts'
import { openPlace, type Place } from './place.ts'
import { type Receiver, receiver } from './receive.ts'
import { packs } from './send.ts'

let root: string
let place: Place

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'spoq-receive-'))
  place = await openPlace(root)
  onTestFinished(async () => {
    await place[Symbol.asyncDispose]()
    rmSync(root, { recursive: true })
  })
})

const entry = (path: string, content: string | Buffer): FileEntry => ({
  kind: 'file',
  path,
  size: content.length,
  mtime: 1_000,
  exec: false,
  sha256: createHash('sha256').update(content).digest('hex'),
})

async function bring(to: Receiver, names: readonly string[]): Promise<void> {
  await to.act(names.map(name => ({ kind: 'put', entry: entry(name, name), was: null })))
  const pieces = names.map(path => ({ path, offset: 0, bytes: path.length }))
  await to.take(pieces, Buffer.from(names.join('')))
}

const names = (count: number, prefix: string) => Array.from({ length: count }, (_, i) => `${prefix}/${i}`)
const temporary = () =>
  (readdirSync(root, { recursive: true }) as string[]).filter(path => path.includes('.spoq-sync-'))

test('of many files the first are in their places while others still come; the end waits for all', async () => {
  const to = receiver(place, { cache: new Map() })
  await bring(to, names(2_000, 'a'))
  await bring(to, names(10, 'b'))
  await vi.waitUntil(() => existsSync(join(root, 'a/1999')), { timeout: 10_000 })
  expect(existsSync(join(root, 'b/0'))).toBe(false)
  expect(await to.finish()).toEqual([])
  expect(readFileSync(join(root, 'b/9'), 'utf8')).toBe('b/9')
  expect(temporary()).toEqual([])
})

test('given up in the middle of many, what is in its place is whole and nothing else is left', async () => {
  const to = receiver(place, { cache: new Map() })
  await bring(to, names(2_000, 'a'))
  await bring(to, names(10, 'b'))
  await to.giveUp()
  expect(temporary()).toEqual([])
  expect(existsSync(join(root, 'b/0'))).toBe(false)
  for (const path of names(2_000, 'a')) expect(readFileSync(join(root, path), 'utf8')).toBe(path)
})

test('what came to a place while others came is left alone, and named', async () => {
  const to = receiver(place, { cache: new Map() })
  await bring(to, names(5, 'a'))
  writeFileSync(join(root, 'a/3'), 'of somebody else')
  expect(await to.finish()).toEqual([{ path: 'a/3', why: 'was changed meanwhile' }])
  expect(readFileSync(join(root, 'a/3'), 'utf8')).toBe('of somebody else')
  expect(temporary()).toEqual([])
})

// Catches: a small file that is put behind the end of a pack, a piece of a large one with a wrong offset, one that changed sent
// as if it had not.
test('whatever the sizes, packs bring every file over, and name those that are another by now', async () => {
  const sizes = fc.array(
    fc.tuple(
      fc.oneof(fc.nat(50), fc.nat({ max: 700_000 }), fc.constantFrom(1 << 18, (1 << 18) + 1, 1 << 20)),
      fc.boolean(),
    ),
    { maxLength: 8 },
  )
  await fc.assert(
    fc.asyncProperty(sizes, async all => {
      const folder = mkdtempSync(join(root, 'run-'))
      await using from = await openPlace(mkdtempSync(join(folder, 'from-')))
      await using target = await openPlace(mkdtempSync(join(folder, 'to-')))
      const files = all.map(([size], i) => ({
        entry: entry(`f${i}`, Buffer.alloc(size, i)),
        content: Buffer.alloc(size, i),
      }))
      files.forEach(({ entry: { path }, content }, i) => {
        if (all[i]?.[1] && content.length > 0) content.writeUInt8(255, content.length - 1)
        writeFileSync(join(from.root, path), content)
      })
      const to = receiver(target, { cache: new Map() })
      if (files.length > 0) await to.act(files.map(one => ({ kind: 'put', entry: one.entry, was: null })))
      for await (const { pieces, body } of packs(
        from,
        files.map(one => one.entry),
      ))
        await to.take(pieces, body)
      const changed = files.filter((one, i) => all[i]?.[1] && one.entry.size > 0)
      expect((await to.finish()).map(({ path }) => path).sort()).toEqual(changed.map(one => one.entry.path).sort())
      for (const one of files)
        if (!changed.includes(one))
          expect(readFileSync(join(target.root, one.entry.path)).equals(one.content)).toBe(true)
    }),
    { numRuns: 60 },
  )
})

test('a file that does not get to the disk takes no place, and is named; its neighbours are there', async () => {
  const to = receiver(place, { cache: new Map() })
  await bring(to, names(3, 'a'))
  const [lost] = temporary().sort()
  rmSync(join(root, lost ?? ''))
  const failed = await to.finish()
  expect(failed).toHaveLength(1)
  expect(readdirSync(join(root, 'a'))).toHaveLength(2)
  expect(existsSync(join(root, failed[0]?.path ?? ''))).toBe(false)
})
