// What the conformance suite cannot ask of every provider: folders, locks, and Conductors that misbehave.

import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { folderHolder, lockFolder } from '@spoq/kit/folder-lock'
import { socketPath } from '@spoq/kit/socket-path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ProviderError } from '../provider.ts'
import { type Bed, bed, entryOf } from './bed.ts'
import type { LocalOptions } from './index.ts'
import type { Misbehaviour } from './stand-in.ts'

let scripts: string
let open: Bed[]
beforeEach(() => {
  scripts = mkdtempSync(join(tmpdir(), 'spoq-entry-'))
  open = []
})
afterEach(async () => {
  for (const { cleanup } of open) await cleanup()
  rmSync(scripts, { recursive: true })
})

/** How long something may take that is certain to come. */
const patient = { timeout: 20_000 }
const quick = { startMs: 10_000, stopMs: 500 }

function bedWith(misbehaviour: Misbehaviour, more: Partial<LocalOptions> = {}) {
  const made = bed(entryOf(scripts, misbehaviour), { patience: quick, ...more })
  open.push(made)
  return { ...made, folderOf: (machine: string) => join(made.folder, 'machines', machine) }
}

function bedWithScript(script: string, more: Partial<LocalOptions> = {}) {
  const entry = join(scripts, 'script.mjs')
  writeFileSync(entry, script)
  const made = bed(entry, { patience: quick, ...more })
  open.push(made)
  return made
}

test('a machine is found again by another backend, by the same process as before', async () => {
  const { provider, another, spec, folderOf } = bedWith('none')
  const wanted = spec()
  const made = await provider.create(wanted)
  const holder = folderHolder(folderOf(wanted.machine))
  expect(await another().list()).toEqual([made])
  expect(await another().create(wanted)).toEqual(made)
  expect(folderHolder(folderOf(wanted.machine))).toEqual(holder)
})

test('two backends that create at once start one Conductor', async () => {
  const { provider, another, spec, folderOf } = bedWith('none')
  const wanted = spec()
  const made = await Promise.all([provider.create(wanted), another().create(wanted)])
  expect(made[0]).toEqual(made[1])
  expect(readdirSync(dirname(folderOf(wanted.machine)))).toEqual([wanted.machine])
})

test('only this user can open the folder, its configuration and its log', async () => {
  const { provider, spec, folderOf } = bedWith('none')
  const wanted = spec()
  await provider.create(wanted)
  const folder = folderOf(wanted.machine)
  const mode = (path: string) => (statSync(path).mode & 0o777).toString(8)
  expect(mode(folder)).toBe('700')
  expect(mode(join(folder, 'workspace'))).toBe('700')
  expect(mode(join(folder, 'conductor.json'))).toBe('600')
  expect(mode(join(folder, 'conductor.log'))).toBe('600')
  expect(JSON.parse(readFileSync(join(folder, 'conductor.json'), 'utf8'))).toEqual({
    machine: wanted.machine,
    members: [wanted.owner],
    issuer: wanted.issuer,
    jwksUrl: wanted.jwksUrl,
    edge: { host: '127.0.0.1', port: 0 },
  })
})

test('a Conductor gets nothing of the environment that is not named for it', async () => {
  const env = { ...process.env, SPOQ_TOKEN: 'secret', DATABASE_URL: 'secret', LANG: 'C.UTF-8' }
  const { provider, spec, folderOf } = bedWith('none', { env })
  const { ref } = await provider.create(spec())
  const environment = JSON.parse(readFileSync(join(folderOf(ref), 'environment.json'), 'utf8'))
  expect(environment).toMatchObject({ LANG: 'C.UTF-8', PATH: process.env.PATH })
  expect(JSON.stringify(environment)).not.toContain('secret')
})

test('a create with another address of the backend tells it to the next start', async () => {
  const { provider, spec, folderOf } = bedWith('none')
  const wanted = spec()
  await provider.create(wanted)
  await provider.create({ ...wanted, issuer: 'http://127.0.0.1:5000' })
  const config = JSON.parse(readFileSync(join(folderOf(wanted.machine), 'conductor.json'), 'utf8'))
  expect(config.issuer).toBe('http://127.0.0.1:5000')
})

test('a Conductor that does not end is killed, with what it started', async () => {
  const { provider, spec, folderOf } = bedWith('does not end')
  const { ref } = await provider.create(spec())
  const started = join(folderOf(ref), 'started')
  // Not by asking for the lock, which could be in the way of the one who is about to take it.
  await expect.poll(() => existsSync(join(started, 'lock.json')), patient).toBe(true)
  expect(folderHolder(started)).not.toBeNull()
  await provider.suspend(ref)
  expect(folderHolder(folderOf(ref))).toBeNull()
  await expect.poll(() => folderHolder(started), patient).toBeNull()
})

test('a process that merely has the pid of an earlier Conductor is let be', async () => {
  const { provider, spec, folderOf } = bedWith('none')
  const { ref } = await provider.create(spec())
  await provider.suspend(ref)
  writeFileSync(join(folderOf(ref), 'lock.json'), JSON.stringify({ pid: process.pid }))
  await provider.suspend(ref)
  await provider.terminate(ref)
  expect(await provider.status(ref)).toBeNull()
})

test('a Conductor that never answers is creating at first, then given up and not left behind', async () => {
  const { provider, spec } = bedWith('does not listen', { patience: { startMs: 2_000, stopMs: 200 } })
  const wanted = spec()
  const refused = expect(provider.create(wanted)).rejects.toMatchObject({ name: 'ProviderError', kind: 'retry' })
  const seen = () => provider.status(wanted.machine)
  await expect.poll(seen, patient).toMatchObject({ state: 'creating', endpoint: null })
  await refused
  await expect.poll(seen, patient).toMatchObject({ state: 'stopped' })
})

test('a Conductor that answers with another id is not taken for this machine', async () => {
  const { provider, spec } = bedWith('is another', { patience: { startMs: 1_000, stopMs: 200 } })
  const wanted = spec()
  await expect(provider.create(wanted)).rejects.toThrow('does not answer')
})

test('a Conductor that ends at once is told of by what it said at last, not by what an earlier start said', async () => {
  const { provider, spec, folder } = bedWithScript(
    'console.error("{}\\nThe disk is full.\\nFree some."); process.exit(8)',
  )
  const wanted = spec()
  const error = await provider.create(wanted).catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(ProviderError)
  const message = 'The Conductor ended with status 8: The disk is full. Free some.'
  expect(error).toMatchObject({ kind: 'retry', message })
  writeFileSync(join(scripts, 'script.mjs'), 'process.exit(2)')
  await expect(provider.create(wanted)).rejects.toMatchObject({
    kind: 'refused',
    message: 'The Conductor ended with status 2',
  })
  expect(readFileSync(join(folder, 'machines', wanted.machine, 'conductor.log'), 'utf8')).toContain('disk is full')
})

test('a Conductor that crashes is told of by its error', async () => {
  const { provider, spec } = bedWithScript('import "./no-such-file.mjs"')
  await expect(provider.create(spec())).rejects.toThrow(/ended with status 1: Error .*Cannot find module/)
})

test('a Node that is not there is refused', async () => {
  const conductor = { node: join(tmpdir(), 'no-such-node'), entry: 'main.ts' }
  const { provider, spec } = bedWith('none', { conductor })
  await expect(provider.create(spec())).rejects.toMatchObject({ kind: 'refused' })
})

test('a start that met the lock in the moment somebody looked is tried again', async () => {
  const { provider, spec, folderOf } = bedWith('is locked out once')
  const { ref, state } = await provider.create(spec())
  expect(state).toBe('running')
  expect(existsSync(join(folderOf(ref), 'locked-out'))).toBe(true)
})

test('a log that has grown long is begun anew at the next start', async () => {
  const { provider, spec, folderOf } = bedWith('none')
  const { ref } = await provider.create(spec())
  await provider.suspend(ref)
  const log = join(folderOf(ref), 'conductor.log')
  writeFileSync(log, 'x'.repeat(1_000_001))
  await provider.resume(ref)
  expect(statSync(log).size).toBeLessThan(1_000)
})

test('a folder that is used by somebody else is not removed', async () => {
  const { provider, spec, folderOf } = bedWith('none')
  const { ref } = await provider.create(spec())
  await provider.suspend(ref)
  const lock = lockFolder(folderOf(ref))
  lock.tell({})
  writeFileSync(join(folderOf(ref), 'lock.json'), JSON.stringify({ pid: 2 ** 30 }))
  await expect(provider.terminate(ref)).rejects.toMatchObject({ name: 'ProviderError', kind: 'retry' })
  expect(existsSync(join(folderOf(ref), 'conductor.json'))).toBe(true)
  lock.release()
})

test('the sockets of a deep folder go with it', async () => {
  const { folder, another, spec } = bedWith('none')
  const machinesDir = join(folder, 'x'.repeat(90), 'machines')
  const provider = another({ machinesDir })
  const { ref } = await provider.create(spec())
  const sockets = dirname(socketPath(join(machinesDir, ref), 'local.sock'))
  expect(sockets).not.toContain(machinesDir)
  await provider.terminate(ref)
  expect(existsSync(sockets)).toBe(false)
})

test('what a crash left on its way in or out is swept away, but not what is being made', async () => {
  const { provider, folder } = bedWith('none')
  const machines = join(folder, 'machines')
  const names = ['.trash-mach_0000000000000001-ab', '.new-mach_0000000000000001', '.new-mach_0000000000000002']
  for (const name of names) mkdirSync(join(machines, name, 'workspace'), { recursive: true })
  const hourAgo = Date.now() / 1_000 - 3_600
  utimesSync(join(machines, String(names[1])), hourAgo, hourAgo)
  writeFileSync(join(machines, 'mach_of-somebody'), '')
  expect(await provider.list()).toEqual([])
  expect(readdirSync(machines).sort()).toEqual([names[2], 'mach_of-somebody'])
})

test.each(['..', '../other', 'mach_0123456789abcdef/..', ''])('the reference %j leads nowhere', async ref => {
  const { provider, folder, spec } = bedWith('none')
  writeFileSync(join(folder, 'other'), '')
  expect(await provider.status(ref)).toBeNull()
  await provider.terminate(ref)
  await expect(provider.suspend(ref)).rejects.toMatchObject({ kind: 'gone' })
  await expect(provider.resume(ref)).rejects.toMatchObject({ kind: 'gone' })
  await expect(provider.create({ ...spec(), machine: ref })).rejects.toMatchObject({ kind: 'refused' })
  expect(readdirSync(folder)).toEqual(['other'])
})
