import {
  chmodSync,
  closeSync,
  existsSync,
  ftruncateSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { beforeEach, expect, onTestFinished, test } from 'vitest'
import { hashFile } from './hash-file.ts'
import { openPlace } from './place.ts'
import { scan } from './scan.ts'
import { nothingKnown, type Remembered, readRemembered, writeRemembered } from './stat-cache.ts'

let root: string

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'spoq-scan-'))
  onTestFinished(() => rmSync(root, { recursive: true }))
})

function write(path: string, content: string, age = 10): void {
  writeFileSync(join(root, path), content)
  const then = Date.now() / 1_000 - age - 0.123
  utimesSync(join(root, path), then, then)
}

async function scanned(known: Remembered = nothingKnown(), include: string[] = []) {
  await using place = await openPlace(root)
  let reads = 0
  const found = await scan(place, { known, include, onRead: () => reads++ })
  return { ...found, reads, names: [...found.manifest.keys()] }
}

test('what did not change is not read again, also by another process', async () => {
  write('a', '1')
  write('b', '2')
  const first = await scanned()
  expect(first.reads).toBe(2)
  const file = join(root, '..', `${root.split('/').at(-1)}.json`)
  onTestFinished(() => rmSync(file))
  writeRemembered(file, first.remembered)
  const again = await scanned(readRemembered(file))
  expect([again.reads, again.isNews]).toEqual([0, false])
  expect(again.manifest).toEqual(first.manifest)
})

test('a change of the same size is seen although somebody put the time back', async () => {
  write('a', '1', 10)
  const { remembered, manifest } = await scanned()
  const { mtimeMs } = statSync(join(root, 'a'))
  writeFileSync(join(root, 'a'), '2')
  utimesSync(join(root, 'a'), mtimeMs / 1_000, mtimeMs / 1_000)
  expect((await scanned(remembered)).manifest.get('a')).not.toEqual(manifest.get('a'))
})

test('racily clean: what was changed in the moment it was read is read again', async () => {
  writeFileSync(join(root, 'now'), '1')
  write('old', '1')
  const { cache, remembered } = await scanned()
  expect([...cache.keys()]).toEqual(['old'])
  expect((await scanned(remembered)).reads).toBe(1)
})

test('a file that only changed who may execute it is another one', async () => {
  write('a', '1')
  const { remembered } = await scanned()
  chmodSync(join(root, 'a'), 0o755)
  expect((await scanned(remembered)).manifest.get('a')).toMatchObject({ exec: true })
})

test('a file that changes while it is read is left for the next time, and named', async () => {
  const path = join(root, 'log')
  const handle = openSync(path, 'w')
  onTestFinished(() => closeSync(handle))
  ftruncateSync(handle, 64 << 20)
  let isOver = false
  // Between any two pieces that are read: a writer of another process may have no turn meanwhile.
  const writing = (async () => {
    for (let i = 0; !isOver; i++) {
      writeSync(handle, String(i), 0)
      await turn()
    }
  })()
  expect(await hashFile(() => path, 64 << 20)).toBeNull()
  expect((await scanned()).refused).toEqual([{ path: 'log', why: 'changes while it is read' }])
  isOver = true
  await writing
})

test('what a sync left behind that was cut off goes, and is never listed', async () => {
  write('.spoq-sync-0123', 'half')
  write('a', '1')
  const found = await scanned()
  expect(found.names).toEqual(['a'])
  expect(existsSync(join(root, '.spoq-sync-0123'))).toBe(false)
})

test('links are listed, never followed; those that lead out and what is no file are refused', async () => {
  mkdirSync(join(root, 'sub'))
  write('sub/a', '1')
  symlinkSync('sub', join(root, 'in'))
  symlinkSync('/etc', join(root, 'out'))
  symlinkSync('../..', join(root, 'sub/up'))
  const found = await scanned()
  expect(found.names).toEqual(['in', 'sub/a'])
  expect(found.refused.map(({ path }) => path).sort()).toEqual(['out', 'sub/up'])
})

test('a file below an ignored folder comes along when it is included, its neighbours do not', async () => {
  write('.gitignore', 'dist\n')
  mkdirSync(join(root, 'dist'))
  write('dist/a', '1')
  write('dist/b', '1')
  expect((await scanned(nothingKnown(), ['dist/a'])).names).toEqual(['.gitignore', 'dist/a'])
})

test('rules hold for paths that are not here', async () => {
  mkdirSync(join(root, 'pkg'))
  write('pkg/.gitignore', 'out\n')
  const { staysHome } = await scanned()
  expect(['pkg/out/x', 'out/x', '.ssh/id', 'pkg/src/.env', 'pkg/src/a'].map(staysHome)).toEqual([
    true,
    false,
    true,
    true,
    false,
  ])
})
