// A machine is ended with grace, kept, ended again, and what was on it comes back on another one: proved by the manifests.

import { execFileSync } from 'node:child_process'
import { globSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Home, startHome } from './home.ts'

let home: Home
let aside: string

beforeAll(async () => {
  home = await startHome()
  aside = mkdtempSync(join(tmpdir(), 'spoq-ending-'))
  const [workspace] = globSync('**/workspace', { cwd: home.dataDir })
  writeFileSync(join(home.dataDir, workspace ?? '', 'notes.txt'), 'what I wrote')
}, 120_000)
afterAll(async () => {
  for (const name of ['second']) await home.spoq(['machine', 'terminate', name, '--now', '--yes'])
  await home.close()
  rmSync(aside, { recursive: true, force: true })
})

const json = (...args: string[]) => home.json(...args)

/** What an export's manifest says of the workspace. */
function manifestOf(file: string): string[] {
  const manifest = execFileSync('tar', ['-xOf', file, 'manifest.jsonl'], { encoding: 'utf8' })
  return manifest.split('\n').filter(line => line.startsWith('{"path":"workspace/'))
}

test('a machine that is ended is copied and stopped; kept, it runs with all that was on it', async () => {
  const { id } = home.machine
  const unasked = await home.spoq(['machine', 'terminate', id])
  expect(unasked).toMatchObject({ status: 2, stderr: expect.stringContaining('A final backup is made first') })
  const ended = (await json('machine', 'terminate', id, '--yes')).machine
  expect(ended).toMatchObject({ state: 'suspended', holds: ['ending'], ending: { copy: 'ready' } })
  const told = await home.spoq(['machine', 'terminate', id, '--yes'])
  expect(told.stdout).toContain(
    `ends on ${ended.ending.endsAt.slice(0, 10)}. Its final backup is ${ended.ending.backup}`,
  )
  expect((await home.spoq(['machine', 'show', id])).stdout).toContain('its final backup is')
  const refused = await home.spoq(['machine', 'start', id])
  expect(refused).toMatchObject({ status: 5, stderr: expect.stringContaining('machine keep') })
  expect((await json('machine', 'keep', id)).machine).toMatchObject({ state: 'running', holds: [], ending: null })
  expect((await home.spoq(['run', '--', 'cat', 'notes.txt'])).stdout).toContain('what I wrote')
}, 120_000)

test('its final backup outlives it, and comes back on another machine', async () => {
  const { id, name } = home.machine
  const { ending } = (await json('machine', 'terminate', id, '--yes')).machine
  await json('machine', 'terminate', id, '--now', '--yes')
  expect(await json('machine', 'list')).toEqual({ machines: [] })
  for (const which of [['--all'], [name], [id]]) {
    const { backups } = await json('backup', 'list', ...which)
    expect(backups[0]).toMatchObject({ id: ending.backup, machine: id, kind: 'final', state: 'ready' })
  }
  const before = join(aside, 'before.tar')
  await json('backup', 'export', '--backup', ending.backup, '--to', before)
  expect(manifestOf(before)).toEqual([expect.stringContaining('notes.txt')])
  await json('provision', '--name', 'second', '--yes')
  await json('backup', 'restore', ending.backup, '--yes')
  const after = join(aside, 'after.tar')
  await json('backup', 'export', '--to', after)
  expect(manifestOf(after)).toEqual(manifestOf(before))
  expect((await home.spoq(['run', '--', 'cat', 'notes.txt'])).stdout).toContain('what I wrote')
}, 120_000)
