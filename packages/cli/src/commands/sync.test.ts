import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { startMachine, type TestMachine } from '@spoq/workbench/stand-ins/machine'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { lastJson, spoq, temporaryFolder } from '../testing.ts'

let machine: TestMachine

beforeAll(async () => {
  machine = await startMachine()
})
afterAll(() => machine.stop())

function computer(name: string) {
  const home = temporaryFolder()
  const app = join(home.path, name)
  mkdirSync(app)
  writeFileSync(join(app, 'a.txt'), 'hello')
  const run = (...args: string[]) => spoq(args, { SPOQ_MARKER: machine.marker, SPOQ_DATA_DIR: join(home.path, 'data') })
  return { app, run, there: join(machine.workspace, name), [Symbol.dispose]: () => home[Symbol.dispose]() }
}

test('it says what it did, what stays here, and afterwards that nothing is to be done', async () => {
  using here = computer('said')
  writeFileSync(join(here.app, '.env'), 'KEY=1')
  const first = await here.run('sync', here.app)
  expect(first).toMatchObject({ status: 0, stdout: 'Stays here: .env\nBrought 1 file (5 B) to the machine.\n' })
  expect(readFileSync(join(here.there, 'a.txt'), 'utf8')).toBe('hello')
  expect((await here.run('sync', here.app)).stdout).toContain('Both sides are the same.')
})

test('with --json each line is an object, the last one the sum', async () => {
  using here = computer('told')
  const planned = lastJson(await here.run('sync', here.app, '--dry-run', '--json'))
  expect(planned).toMatchObject({ type: 'planned', there: { files: 1, bytes: 5, removed: 0 } })
  expect(lastJson(await here.run('sync', here.app, '--json'))).toMatchObject({
    type: 'synced',
    failed: 0,
    conflicts: 0,
  })
})

test('what cannot be brought over is listed, and the status is 5', async () => {
  using here = computer('refused')
  symlinkSync('/etc/passwd', join(here.app, 'door'))
  const { status, stdout, stderr } = await here.run('sync', here.app)
  expect(status).toBe(5)
  expect(stdout).toContain('not synced door (here): is a link to an absolute path')
  expect(stderr).toContain('1 path could not be brought over.')
})

test('two folders that both hold something are joined with --join alone, where nobody can be asked', async () => {
  using here = computer('joined')
  mkdirSync(here.there)
  writeFileSync(join(here.there, 'b.txt'), 'there')
  const asked = await here.run('sync', here.app)
  expect(asked).toMatchObject({ status: 2, stderr: expect.stringContaining('--join') })
  expect((await here.run('sync', here.app, '--join')).status).toBe(0)
  expect(readFileSync(join(here.app, 'b.txt'), 'utf8')).toBe('there')
})

test('run from a synced folder runs in it; --to says another one', async () => {
  using here = computer('mapped')
  await here.run('sync', here.app, '--to', 'projects/other')
  const { mapped } = lastJson(await here.run('run', 'map', '--json'))
  expect(mapped).toEqual([expect.objectContaining({ directory: 'projects/other' })])
  expect((await here.run('sync', here.app)).stdout).toContain('Both sides are the same.')
})

test('what is no folder, a whole home and a folder outside of the workspace are refused', async () => {
  using here = computer('wrong')
  expect(await here.run('sync', join(here.app, 'a.txt'))).toMatchObject({ status: 2 })
  expect(await here.run('sync', homedir())).toMatchObject({ status: 2 })
  expect(await here.run('sync', here.app, '--to', '../elsewhere')).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('leads out of the folder'),
  })
})
