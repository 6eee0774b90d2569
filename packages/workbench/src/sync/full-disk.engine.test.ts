// A disk that is full in the middle of a sync, on either side: it is said, nothing is half or lost, and with room it goes on.

import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { syncOnce } from '@spoq/cli/sync/sync'
import { folderAt, silent, syncing } from '@spoq/cli/sync/testing'
import { expect, onTestFinished, test } from 'vitest'
import { runSpoq } from '../journey/home.ts'
import { startMachine } from '../stand-ins/machine.ts'
import { treeOf } from './tree.ts'

const why = process.getuid?.() === 0 ? null : 'a small disk can be made by root alone'
if (why && process.env.CI === 'true') throw new Error(why)
if (why) console.log(`skipped: ${why}`)

/** A folder that is a disk of its own, of so many bytes. */
function smallDisk(at: string, bytes: number): void {
  mkdirSync(at, { recursive: true })
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${bytes}`, 'tmpfs', at])
  onTestFinished(() => void execFileSync('umount', ['--lazy', at]))
}

/** A disk on one side, and two folders of the same on both. */
async function world(full: 'here' | 'there' | 'state', bytes = 100 << 20) {
  const root = mkdtempSync(join(tmpdir(), 'spoq-full-'))
  onTestFinished(() => rmSync(root, { recursive: true, force: true }))
  const machine = await startMachine()
  onTestFinished(() => machine.stop())
  const [here, there, state] = [join(root, 'app'), join(machine.workspace, 'app'), join(root, 'state')]
  mkdirSync(here)
  smallDisk({ here, there, state }[full], bytes)
  mkdirSync(there, { recursive: true })
  const folder = folderAt(here, 'app', state)
  const sync = (onBytes: () => void = () => {}) =>
    syncOnce(syncing(machine.target, folder, { view: { ...silent, bytes: onBytes } }))
  for (const side of [here, there]) writeFileSync(join(side, 'kept'), 'as it was')
  await sync()
  return { root, machine, here, there, state, sync }
}

function fill(folder: string): void {
  for (let i = 0; i < 40; i++) writeFileSync(join(folder, `small-${i}`), randomBytes(100_000 + i))
  writeFileSync(join(folder, 'large'), randomBytes(40 << 20))
  writeFileSync(join(folder, 'kept'), 'edited')
}

/** Takes all the room of a disk, once; answers what gives it back. */
function hog(folder: string) {
  const at = join(folder, '.spoq', 'hog')
  let isThere = false
  return {
    take: () => {
      if (isThere) return
      isThere = true
      mkdirSync(join(folder, '.spoq'))
      try {
        for (;;) writeFileSync(at, Buffer.alloc(1 << 20), { flag: 'a' })
      } catch (error) {
        expect(error).toMatchObject({ code: 'ENOSPC' })
      }
    },
    give: () => rmSync(join(folder, '.spoq'), { recursive: true, force: true }),
  }
}

const leftovers = (folder: string) => readdirSync(folder).filter(path => path.startsWith('.spoq-sync-'))
const tree = (folder: string) => treeOf(folder, path => path.startsWith('.spoq'))

test.skipIf(why).each(['here', 'there'] as const)(
  'the disk %s is full while files come: it is said, nothing is half, and with room the next sync ends it',
  { timeout: 60_000 },
  async full => {
    const { here, there, sync } = await world(full)
    const [from, to] = full === 'here' ? [there, here] : [here, there]
    fill(from)
    const [old, fresh] = [tree(to), tree(from)]
    const room = hog(to)
    const { failed } = await sync(room.take)
    expect(failed.map(({ side, why }) => [side, why])).toContainEqual([full, 'does not fit: the disk is full'])
    for (const [path, is] of Object.entries(tree(to))) expect([old[path], fresh[path]]).toContain(is)
    expect(tree(from)).toEqual(fresh)
    expect(leftovers(to)).toEqual([])
    room.give()
    expect((await sync()).failed).toEqual([])
    expect(tree(to)).toEqual(fresh)
    expect([tree(from), leftovers(to)]).toEqual([fresh, []])
  },
)

test.skipIf(why)(
  'what does not fit is not begun: the command says so, on which side, and ends with its status',
  async () => {
    const { root, machine, here, there } = await world('there', 60 << 20)
    fill(here)
    const environment = { SPOQ_MARKER: machine.marker, SPOQ_DATA_DIR: join(root, 'data') }
    const ran = await runSpoq(['sync', here, '--to', 'app', '--join'], { environment })
    expect(ran.stderr).toContain('The disk of the machine is full. What was brought over is whole.')
    expect(ran.status).toBe(8)
    expect(readdirSync(there)).not.toContain('large')
    expect(leftovers(there)).toEqual([])
  },
)

test.skipIf(why)('what is kept of a sync does not fit: nothing is changed on either side', async () => {
  const { here, there, state, sync } = await world('state', 1 << 20)
  const room = hog(state)
  fill(here)
  const [old, fresh] = [tree(there), tree(here)]
  room.take()
  await expect(sync()).rejects.toMatchObject({ code: 'disk_full', message: expect.stringMatching(/this computer/) })
  expect([tree(there), tree(here)]).toEqual([old, fresh])
  room.give()
  expect((await sync()).failed).toEqual([])
  expect(tree(there)).toEqual(fresh)
})
