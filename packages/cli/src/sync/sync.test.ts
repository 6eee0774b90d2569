import { randomBytes } from 'node:crypto'
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { deviceName } from '@spoq/kit/sync'
import { startMachine, type TestMachine } from '@spoq/workbench/stand-ins/machine'
import { treeOf } from '@spoq/workbench/sync/tree'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { type Syncing, syncOnce } from './sync.ts'
import { folderAt, silent, syncing } from './testing.ts'

let machine: TestMachine
let count = 0

beforeAll(async () => {
  machine = await startMachine()
})
afterAll(() => machine.stop())

const device = deviceName(hostname())

/** A folder here and one of the same name there, and what syncs them. */
function pair() {
  const root = mkdtempSync(join(tmpdir(), 'spoq-sync-'))
  onTestFinished(() => rmSync(root, { recursive: true, force: true }))
  const remote = `app-${++count}`
  const [here, there, state] = [join(root, 'app'), join(machine.workspace, remote), join(root, 'state')]
  mkdirSync(here)
  const folder = folderAt(here, remote, state)
  const sync = (more: Partial<Syncing> = {}) => syncOnce(syncing(machine.target, folder, more))
  return { here, there, sync, folder }
}

function write(folder: string, files: Record<string, string | Buffer>): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), content)
  }
}

const read = (folder: string, path: string) => readFileSync(join(folder, path), 'utf8')
const names = (folder: string) => Object.keys(treeOf(folder))
const nothing = { files: 0, bytes: 0, removed: 0 }

test('what is here is there afterwards: files, links, who may execute, when it was changed; and a second time nothing is done', async () => {
  const { here, there, sync } = pair()
  write(here, { 'a.txt': 'a', 'src/deep/b.sh': '#!/bin/sh', empty: '', 'big.bin': randomBytes(3 << 20) })
  chmodSync(join(here, 'src/deep/b.sh'), 0o755)
  symlinkSync('../a.txt', join(here, 'src/l'))
  utimesSync(join(here, 'a.txt'), 1_000, 1_000)
  const { there: brought, failed } = await sync()
  expect(brought).toMatchObject({ files: 5, removed: 0 })
  expect(failed).toEqual([])
  expect(treeOf(there)).toEqual(treeOf(here))
  expect(statSync(join(there, 'a.txt')).mtimeMs).toBe(1_000_000)
  expect(await sync()).toMatchObject({ here: nothing, there: nothing, failed: [] })
})

test('what an agent makes, changes and removes there comes here, and the other way round in the same sync', async () => {
  const { here, there, sync } = pair()
  write(here, { edited: '1', removed: '1', 'gone/x': '1', stays: '1' })
  await sync()
  write(there, { edited: 'by the agent', 'new/file': 'by the agent' })
  rmSync(join(there, 'removed'))
  rmSync(join(here, 'gone'), { recursive: true })
  write(here, { mine: 'by me' })
  await sync()
  expect(treeOf(here)).toEqual(treeOf(there))
  expect(names(here)).toEqual(['edited', 'mine', 'new', 'new/file', 'stays'])
  expect([read(here, 'edited'), read(there, 'mine')]).toEqual(['by the agent', 'by me'])
})

test('both changed: both are kept, on both sides', async () => {
  const { here, there, sync } = pair()
  write(here, { f: 'old', other: '' })
  await sync()
  write(here, { f: 'mine' })
  utimesSync(join(here, 'f'), 2_000, 2_000)
  write(there, { f: 'theirs' })
  const { conflicts } = await sync()
  expect(conflicts).toEqual([{ path: 'f', kept: `f.conflict-${device}`, side: 'here' }])
  for (const side of [here, there])
    expect([read(side, 'f'), read(side, `f.conflict-${device}`)]).toEqual(['theirs', 'mine'])
  expect(await sync()).toMatchObject({ here: nothing, there: nothing, conflicts: [] })
})

test('an edit beats a delete', async () => {
  const { here, there, sync } = pair()
  write(here, { f: 'old', other: '' })
  await sync()
  rmSync(join(here, 'f'))
  write(there, { f: 'edited there' })
  await sync()
  expect(read(here, 'f')).toBe('edited there')
})

test('secrets, what git ignores, .git and node_modules stay home and are named; what is included goes along', async () => {
  const { here, there, sync } = pair()
  const home = {
    '.env': 'KEY=1',
    id_ed25519: 'k',
    '.aws/credentials': 'k',
    '.npmrc': 'k',
    'tls.pem': 'k',
    '.git/HEAD': 'r',
  }
  write(here, {
    ...home,
    'dist/o': 'x',
    'node_modules/a/i.js': 'x',
    '.gitignore': 'dist\n',
    '.env.example': 'KEY=',
    f: '',
  })
  const { left } = await sync()
  expect(left.sort()).toEqual([
    ...['.aws/', '.env', '.git/', '.npmrc', 'dist/'],
    ...['id_ed25519', 'node_modules/', 'tls.pem'],
  ])
  expect(names(there)).toEqual(['.env.example', '.gitignore', 'f'])
  await sync({ include: ['.git', 'dist/o'] })
  expect(names(there)).toEqual(['.env.example', '.git', '.git/HEAD', '.gitignore', 'dist', 'dist/o', 'f'])
})

test('what is ignored from now on is deleted nowhere', async () => {
  const { here, there, sync } = pair()
  write(here, { 'out/x': 'x', f: '' })
  await sync()
  write(here, { '.gitignore': 'out/\n' })
  rmSync(join(here, 'out'), { recursive: true })
  await sync()
  expect(read(there, 'out/x')).toBe('x')
})

test('--pull takes from the machine and changes nothing there, conflicts included', async () => {
  const { here, there, sync } = pair()
  write(here, { f: 'old', g: 'old' })
  await sync()
  write(there, { f: 'theirs', g: 'theirs', 'new': 'n' })
  utimesSync(join(there, 'f'), 2_000, 2_000)
  write(here, { f: 'mine', mine: 'm' })
  rmSync(join(here, 'g'))
  const before = treeOf(there)
  expect((await sync({ pull: true })).failed).toEqual([])
  expect(treeOf(there)).toEqual(before)
  expect(names(here)).toEqual(['f', 'f.conflict-machine', 'g', 'mine', 'new'])
  expect([read(here, 'f'), read(here, 'f.conflict-machine')]).toEqual(['mine', 'theirs'])
  await sync()
  expect(treeOf(there)).toEqual(treeOf(here))
})

test('--dry-run says what would be done, and does nothing on either side', async () => {
  const { here, there, sync } = pair()
  write(here, { f: 'four' })
  expect((await sync({ dryRun: true })).there).toEqual({ files: 1, bytes: 4, removed: 0 })
  expect(() => statSync(there)).toThrow()
  await sync()
  write(there, { g: 'g' })
  const before = treeOf(here)
  expect((await sync({ dryRun: true })).here.files).toBe(1)
  expect(treeOf(here)).toEqual(before)
})

test('hundreds of files and one that is larger than a request go over whole, in both directions', {
  timeout: 120_000,
}, async () => {
  const { here, there, sync } = pair()
  write(here, Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`d${i % 20}/f${i}`, randomBytes(500)])))
  write(here, { large: randomBytes(20 << 20) })
  await sync({ requestBytes: 6 << 20 })
  expect(treeOf(there)).toEqual(treeOf(here))
  write(there, Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`e${i % 20}/f${i}`, randomBytes(500)])))
  write(there, { large: randomBytes(20 << 20) })
  await sync({ requestBytes: 6 << 20 })
  expect(treeOf(there)).toEqual(treeOf(here))
})

test('what was changed after the two sides were compared is left alone, said, and synced the next time', async () => {
  const { here, there, sync } = pair()
  write(here, { f: 'old', g: 'old', h: 'old', other: '' })
  await sync()
  write(here, { f: 'mine', h: 'mine' })
  write(there, { g: 'theirs' })
  const meanwhile = () => {
    write(there, { f: 'too late there' })
    write(here, { g: 'too late here', h: 'mini' })
  }
  const { failed } = await sync({ view: { ...silent, plan: meanwhile } })
  expect(failed.map(({ path, side }) => [path, side]).sort()).toEqual([
    ['f', 'there'],
    ['g', 'here'],
    ['h', 'there'],
  ])
  expect([read(there, 'f'), read(here, 'g')]).toEqual(['too late there', 'too late here'])
  const { conflicts } = await sync()
  expect(conflicts.map(({ path }) => path).sort()).toEqual(['f', 'g'])
  expect(treeOf(there)).toEqual(treeOf(here))
})

test('a folder that was made anew on the machine deletes nothing here', async () => {
  const { here, there, sync } = pair()
  write(here, { f: 'f', g: 'g' })
  await sync()
  rmSync(there, { recursive: true })
  expect((await sync({ dryRun: true })).here).toEqual(nothing)
  // As if it had been made by somebody else since.
  write(there, { f: 'f', 'new': 'n' })
  await sync()
  expect(names(here)).toEqual(['f', 'g', 'new'])
  expect(treeOf(there)).toEqual(treeOf(here))
})

test('names that some disks take for one are left where they are, and named', async () => {
  const { here, there, sync } = pair()
  write(here, { 'Read.me': '1', f: '' })
  write(there, { 'read.me': '2' })
  const { failed } = await sync()
  expect(failed.map(({ path, side }) => [path, side])).toEqual([
    ['Read.me', 'here'],
    ['read.me', 'there'],
  ])
  expect([names(here), names(there)]).toEqual([
    ['Read.me', 'f'],
    ['f', 'read.me'],
  ])
})

test('a file where the machine has a folder: both are kept', async () => {
  const { here, there, sync } = pair()
  write(here, { x: 'a file', other: '' })
  write(there, { 'x/inside': 'a folder' })
  await sync()
  expect(names(here)).toEqual(['other', 'x', `x.conflict-${device}`, 'x/inside'])
  expect(treeOf(there)).toEqual(treeOf(here))
})

test('two folders that were never synced with each other are joined only when that is wanted', async () => {
  const { here, there, sync } = pair()
  write(here, { f: 'f' })
  write(there, { g: 'g', h: 'h' })
  const join = (files: number) => Promise.reject(new Error(`${files} files`))
  await expect(sync({ join })).rejects.toThrow('2 files')
  expect([names(here), names(there)]).toEqual([['f'], ['g', 'h']])
})
