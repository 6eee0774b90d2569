// A machine is backed up, its files are changed and deleted, and it is put back: proved by the manifests, and by a session
// that goes on. Nothing that is stored says anything.

import { execFileSync } from 'node:child_process'
import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Home, startHome } from './home.ts'

let home: Home
let workspace: string
let aside: string

beforeAll(async () => {
  home = await startHome()
  const [found] = globSync('**/workspace', { cwd: home.dataDir })
  workspace = join(home.dataDir, found ?? '')
  aside = mkdtempSync(join(tmpdir(), 'spoq-export-'))
}, 120_000)
afterAll(async () => {
  await home.close()
  rmSync(aside, { recursive: true, force: true })
})

const json = (...args: string[]) => home.json(...args)

/** What an export's manifest says of the workspace. */
function manifestOf(file: string): string[] {
  const manifest = execFileSync('tar', ['-xOf', file, 'manifest.jsonl'], { encoding: 'utf8' })
  return manifest.split('\n').filter(line => line.startsWith('{"path":"workspace/'))
}

test('backup, change and delete, restore: all files are as they were, and the session goes on', async () => {
  mkdirSync(join(workspace, 'src'))
  writeFileSync(join(workspace, 'src/run.sh'), '#!/bin/sh', { mode: 0o755 })
  writeFileSync(join(workspace, 'notes.txt'), 'planted-secret-in-a-file')
  writeFileSync(join(workspace, 'big.bin'), Buffer.alloc(5 << 20, 'spoq'))
  expect((await home.spoq(['ask', '--no-files', '--model', 'demo', 'count 3'])).status).toBe(0)
  const { sessions } = await json('session', 'list')

  const { backup } = await json('backup', 'create')
  expect(backup).toMatchObject({ state: 'ready', kind: 'manual', error: null })
  const first = join(aside, 'first.tar')
  const exported = await json('backup', 'export', '--backup', backup.id, '--to', first)
  expect(exported).toMatchObject({ sha256: backup.sha256, bytes: statSync(first).size })
  expect(statSync(first).mode & 0o777).toBe(0o600)
  expect(execFileSync('sha256sum', [first], { encoding: 'utf8' })).toContain(backup.sha256)

  writeFileSync(join(workspace, 'notes.txt'), 'changed')
  rmSync(join(workspace, 'src'), { recursive: true })
  writeFileSync(join(workspace, 'new.txt'), 'new')
  await home.spoq(['ask', '--no-files', '--model', 'demo', 'count 2'])

  const unasked = await home.spoq(['backup', 'restore', backup.id])
  expect(unasked).toMatchObject({ status: 2, stderr: expect.stringContaining('--yes') })
  expect((await json('backup', 'restore', backup.id, '--yes')).restore).toMatchObject({ state: 'done', error: null })
  const again = join(aside, 'again.tar')
  await json('backup', 'export', '--to', again)
  expect(manifestOf(again)).toEqual(manifestOf(first))
  expect(manifestOf(first).length).toBeGreaterThanOrEqual(4)
  expect((await json('session', 'list')).sessions).toEqual(sessions)
  const goesOn = await home.spoq(['ask', '--no-files', '--model', 'demo', '--session', sessions[0].id, 'count 4'])
  expect(goesOn).toMatchObject({ status: 0 })
  expect((await json('session', 'list')).sessions).toHaveLength(1)
}, 240_000)

test('what is stored says nothing; what is there is told, found damaged, and removed', async () => {
  const { backups } = await json('backup', 'list')
  expect(backups.map(({ kind }: { kind: string }) => kind)).toEqual(['export', 'manual'])
  const stored = globSync('server/backups/*/*', { cwd: home.dataDir }).map(file => join(home.dataDir, file))
  expect(stored).toHaveLength(2)
  for (const file of stored) {
    const content = readFileSync(file)
    for (const secret of ['planted-secret', '#!/bin/sh', 'workspace', 'manifest'])
      expect(content.includes(secret)).toBe(false)
  }
  const [, manual] = backups
  expect((await home.spoq(['backup', 'verify', manual.id])).stdout).toContain(`sha256 ${manual.sha256}`)
  const file = stored.find(one => one.includes(manual.id)) ?? ''
  const content = readFileSync(file)
  content[content.length >> 1] = (content[content.length >> 1] ?? 0) ^ 1
  writeFileSync(file, content)
  expect(await home.spoq(['backup', 'verify', manual.id])).toMatchObject({ status: 1 })
  const to = join(aside, 'damaged.tar')
  expect((await home.spoq(['backup', 'export', '--backup', manual.id, '--to', to])).status).not.toBe(0)
  expect(statSync(to, { throwIfNoEntry: false })).toBeUndefined()
  const before = readFileSync(join(workspace, 'notes.txt'), 'utf8')
  expect((await home.spoq(['backup', 'restore', manual.id, '--yes'])).stderr).toContain('not what was stored')
  expect(readFileSync(join(workspace, 'notes.txt'), 'utf8')).toBe(before)
  expect((await home.spoq(['backup', 'remove', manual.id, '--yes'])).status).toBe(0)
  expect((await home.spoq(['backup', 'verify', manual.id])).status).toBe(4)
  expect((await home.spoq(['backup', 'verify', 'nonsense'])).status).toBe(4)
}, 240_000)
