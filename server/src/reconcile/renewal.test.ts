// Machines that are set up over SSH once more, as they are to be something else than what they were set up for: the real
// set-up, over a server that does what the test says.

import { setupReport } from '@spoq/contracts/setup'
import { SshFailed, type SshTarget } from '@spoq/kit/ssh-job'
import type { Capabilities } from '@spoq/providers'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { listRecords } from '../audit/list.ts'
import { machineRenewal } from '../db/migrations/0101-machine-renewal.ts'
import type { Database } from '../db/open.ts'
import type { MachineRow } from '../db/tables.ts'
import { emptyTables, testDatabase } from '../db/test-database.ts'
import { rename } from '../machine/rename.ts'
import { start } from '../machine/start.ts'
import { stop } from '../machine/stop.ts'
import { findMachine, forgetMoved } from '../machine/store.ts'
import { putMachine, testPorts } from '../machine/test-ports.ts'
import { claim } from '../name/claim.ts'
import { machineSetup, type SetupPorts } from '../setup/open.ts'
import { report } from '../setup/report.ts'
import { sshKeyOf } from '../setup/ssh-key.ts'
import { realTimers } from '../timers.ts'
import { type FakeProvider, fakeProvider } from './fake-provider.ts'
import type { ReconcilePorts } from './ports.ts'
import { reconcileMachine } from './reconcile.ts'

const hostKey = `ssh-ed25519 AAAA${'b'.repeat(64)}`
const alice = { account: 'alice', requestId: 'req_alice' }
const lease = { owner: 'backend_a', ms: 30_000 }

let database: Database
let time: number
let provider: FakeProvider
let ports: ReconcilePorts
let setupPorts: SetupPorts
/** What was run on the server, and how that goes. */
let jobs: { id: string; script: string; target: SshTarget }[]
let onServer: (script: string, say: (line: string) => void) => Promise<number>
let scripts: string[]

beforeAll(async () => {
  database = await testDatabase()
})
beforeEach(async () => {
  await emptyTables(database)
  time = Date.parse('2026-11-21T10:00:00Z')
  jobs = []
  scripts = []
  onServer = async (_, say) => {
    say('stage: setting up https')
    say(`host-key: ${hostKey}`)
    return 0
  }
  use({ setUp: 'script' })
})
afterAll(() => database.close())

function use(capabilities: Partial<Capabilities>): void {
  provider = fakeProvider(() => time, capabilities)
  const { create } = provider
  provider.create = async spec => {
    scripts.push(spec.setUpScript ?? '')
    const made = { ...(await create(spec)), endpoint: null, addresses: { v4: '203.0.113.7' } }
    provider.resources.set(made.ref, made)
    return made
  }
  const file = 'spoq-1-0123456789ab-linux-x64.tar.gz'
  const release = { version: '1', platform: 'p', file, sha256: 'a'.repeat(64), bytes: 1 }
  setupPorts = {
    ...{ db: database.db, secret: 's', installation: 'tests', tls: 'public', now: () => time },
    releases: { current: async () => release, find: () => null },
    endpointOf: ({ name }) => `https://${name}.spoq.test`,
    ...{ issuer: 'http://127.0.0.1', jwksUrl: 'http://127.0.0.1/jwks' },
    runJob: async (target, { id, script }, { onLine }) => {
      jobs.push({ id, script, target })
      return onServer(script, onLine)
    },
  }
  ports = { ...database, lease, log: () => {}, now: () => time, databaseNow: async () => time } as never
  reopen({})
}

/** As a backend that starts anew with other ports. */
function reopen(other: Partial<SetupPorts>): void {
  setupPorts = { ...setupPorts, ...other }
  const { issuer, jwksUrl } = setupPorts
  ports = { ...ports, issuer, jwksUrl, setup: machineSetup(setupPorts), providers: new Map([['local', provider]]) }
}

const verbs = () => ({ ...testPorts(database, ports.providers), now: () => time })
async function row(id: string): Promise<MachineRow> {
  const found = await findMachine(database.db, id)
  if (!found) throw new Error(`no machine ${id}`)
  return found
}
async function settle(id: string): Promise<MachineRow> {
  for (let looks = 0; looks < 50; looks++) {
    const next = await reconcileMachine(ports, id)
    if (next === null) return row(id)
    time = Math.max(time, next)
  }
  throw new Error(`it does not come to rest: ${JSON.stringify(await row(id))}`)
}
/** One look, and what is due at once after it. */
async function look(id: string): Promise<MachineRow> {
  await reconcileMachine(ports, id)
  return row(id)
}
async function say(machine: string, more: object): Promise<void> {
  const token = /^SPOQ_SETUP_TOKEN='(.+)'$/m.exec(scripts.at(-1) ?? '')?.[1]
  const said = setupReport.parse({ machine, stage: 'making users', lines: ['a line'], ...more })
  await report({ db: database.db, wake: async () => {}, now: () => time }, token, said)
}
const actions = async (id: string) => (await listRecords(database.db, id)).map(({ action }) => action)
const failures = async (id: string) => (await actions(id)).filter(action => action === 'machine.set-up-failed').length

/** A machine `ada` that runs, set up by its server itself. */
async function ada(): Promise<string> {
  const { id } = await putMachine(database, { name: 'ada' })
  await database.db.transaction().execute(trx => claim(trx, { name: 'ada', account: 'alice', machine: id }, time))
  await look(id)
  await say(id, { stage: 'done', hostKey, release: 'spoq-1-0123456789ab-linux-x64' })
  expect(await look(id)).toMatchObject({ state: 'running', endpoint: 'https://ada.spoq.test' })
  return id
}
const call = (id: string, name: string) => rename(verbs(), alice, id, name)

test('a machine that has another name is set up for it over SSH once, by its own key, and is reached there', async () => {
  const id = await ada()
  expect([await settle(id).then(({ version }) => version), jobs]).toEqual([(await row(id)).version, []])
  await call(id, 'bert')
  const during: MachineRow[] = []
  const usual = onServer
  onServer = async (...given) => {
    during.push(await row(id))
    return usual(...given)
  }
  expect(await settle(id)).toMatchObject({
    ...{ state: 'running', endpoint: 'https://bert.spoq.test', stage: null, error_code: null, issuer: ports.issuer },
  })
  // Until then it is what it was.
  expect(during).toMatchObject([{ state: 'running', endpoint: 'https://ada.spoq.test', name: 'bert' }])
  expect(jobs.map(({ id }) => id)).toEqual([`set-up-${id.replace('_', '-')}-2`])
  expect(jobs[0]?.target).toEqual({
    ...{ host: '203.0.113.7', user: 'root', hostKey, privateKey: sshKeyOf('s', id).private },
  })
  const { script = '' } = jobs[0] ?? {}
  // Under its former name it is found for 30 days more.
  expect(script).toContain("SPOQ_SITE='bert.spoq.test, ada.spoq.test'")
  expect(script).toContain("SPOQ_SETUP_TOKEN=''")
  expect(script).toContain("SPOQ_MARKER=''")
  expect(script).toContain(`SPOQ_RESCUE_KEY='${sshKeyOf('s', id).public}'`)
  expect(provider.calls.filter(call => /^(create|suspend|resume|terminate)/.test(call))).toEqual([`create ${id}`])
  expect([await settle(id).then(() => jobs.length), await actions(id)]).toEqual([
    1,
    [...['machine.state', 'machine.set-up', 'machine.state'], ...['machine.rename', 'machine.set-up']],
  ])
})

test('after its 30 days a former name is served no more', async () => {
  const id = await ada()
  await call(id, 'bert')
  await settle(id)
  time += 31 * 86_400_000
  await call(id, 'carl')
  await settle(id)
  expect(jobs.at(-1)?.script).toContain("SPOQ_SITE='carl.spoq.test, bert.spoq.test'")
})

// Mutants: the failure of a running machine given up as a start is; counted in the row's attempts, which settling clears.
test('tries that fail leave it running, are told once, and go on with growing pauses until one does it', async () => {
  const id = await ada()
  await call(id, 'bert')
  const begun = time
  let tries = 0
  const usual = onServer
  onServer = async (script, say) => {
    if (++tries === 1) throw new SshFailed('away', 'The server does not answer over SSH.')
    if (tries > 12) return usual(script, say)
    say('stage: setting up https')
    say('failed: setting up https: Caddy does not take its configuration')
    return 1
  }
  expect(await look(id)).toMatchObject({
    ...{ state: 'running', endpoint: 'https://ada.spoq.test', stage: null, error_code: 'renewal_failed' },
    error_message: expect.stringMatching(/^It runs as before, .* The server does not answer over SSH\.$/),
  })
  const { version } = await row(id)
  // Not due yet: nothing is done, and nothing is written.
  expect(await reconcileMachine(ports, id)).toBeGreaterThan(time)
  expect([tries, (await row(id)).version]).toEqual([1, version])
  time += 1_000
  expect(await look(id)).toMatchObject({
    ...{ state: 'running', error_code: 'renewal_failed' },
    error_message: expect.stringContaining('failed while setting up https: Caddy does not take its configuration.'),
  })
  // What was cut off is followed; what has ended is run anew.
  expect(new Set(jobs.map(({ id }) => id)).size).toBe(1)
  expect(await settle(id)).toMatchObject({ endpoint: 'https://bert.spoq.test', error_code: null, error_message: null })
  expect([tries, new Set(jobs.map(({ id }) => id)).size, await failures(id)]).toEqual([13, 12, 1])
  expect(time - begun).toBeGreaterThan(15 * 60_000)
})

test('another host key: nothing is run there, and it is said loudly', async () => {
  const id = await ada()
  await call(id, 'bert')
  onServer = async () => {
    throw new SshFailed('host-key', 'The server has another SSH host key than the one that is known.')
  }
  expect(await look(id)).toMatchObject({
    ...{ state: 'running', endpoint: 'https://ada.spoq.test', error_code: 'renewal_failed' },
    error_message: expect.stringContaining('another SSH host key'),
  })
  expect(jobs.every(({ target }) => target.hostKey === hostKey)).toBe(true)
})

// Mutant: a name that is as before taken for what the server has, though a set-up for another was begun.
test('renamed back after a set-up that came half way, it is set up for its former name again', async () => {
  const id = await ada()
  const usual = onServer
  onServer = async () => 1
  await call(id, 'bert')
  await look(id)
  onServer = usual
  await call(id, 'ada')
  expect(await settle(id)).toMatchObject({ endpoint: 'https://ada.spoq.test', error_code: null, stage: null })
  expect(jobs.at(-1)?.script).toContain("SPOQ_SITE='ada.spoq.test, bert.spoq.test'")
})

test('a backend that has moved tells its machines over SSH, and none is said to take its tokens before', async () => {
  const id = await ada()
  reopen({ issuer: 'https://elsewhere.test', jwksUrl: 'https://elsewhere.test/jwks' })
  await forgetMoved(database.db, ports.issuer)
  expect((await row(id)).endpoint).toBe(null)
  const usual = onServer
  onServer = async () => 1
  expect(await look(id)).toMatchObject({ state: 'running', endpoint: null, error_code: 'renewal_failed' })
  onServer = usual
  const moved = {
    state: 'running',
    endpoint: 'https://ada.spoq.test',
    issuer: 'https://elsewhere.test',
    error_code: null,
  }
  expect(await settle(id)).toMatchObject(moved)
  expect(jobs.at(-1)?.script).toContain('"issuer":"https://elsewhere.test"')
  await forgetMoved(database.db, ports.issuer)
  expect(await settle(id)).toMatchObject(moved)
})

test('one that is off is set up when it starts', async () => {
  const id = await ada()
  await stop(verbs(), alice, id)
  await settle(id)
  await call(id, 'bert')
  expect(await settle(id)).toMatchObject({ state: 'stopped' })
  expect(jobs).toEqual([])
  await start(verbs(), alice, id)
  expect(await settle(id)).toMatchObject({ state: 'running', endpoint: 'https://bert.spoq.test' })
})

test('whom to refuse is told before a set-up goes on', async () => {
  const id = await ada()
  let told = true
  const done: string[] = []
  ports.access = {
    look: async rows => new Map(rows.map(({ id }) => [id, { told, notBefore: null }])),
    tell: async () => {
      told = true
      done.push('told')
    },
  }
  // Each look at what is wanted meanwhile comes at once.
  const every = (_: number, call: () => void) => {
    const timer = setInterval(call, 5)
    return () => clearInterval(timer)
  }
  ports.timers = { ...realTimers, every }
  await call(id, 'bert')
  const { runJob = async () => 0 } = setupPorts
  reopen({
    async runJob(target, job, following) {
      if (done.length > 0) return runJob(target, job, following)
      told = false
      return new Promise((_, no) => following.signal?.addEventListener('abort', () => no(following.signal?.reason)))
    },
  })
  expect(await settle(id)).toMatchObject({ state: 'running', endpoint: 'https://bert.spoq.test' })
  expect([done, await failures(id)]).toEqual([['told'], 0])
})

test('machines from before this was written down are not set up again for nothing, and for a name they are', async () => {
  const id = await ada()
  for (const column of ['made_endpoint', 'made_issuer', 'over_ssh', 'attempts', 'next_attempt_at'])
    await database.query(`ALTER TABLE machine_setup DROP COLUMN ${column}`)
  await machineRenewal.up(database.db)
  const { version } = await row(id)
  expect((await settle(id)).version).toBe(version)
  expect(jobs).toEqual([])
  await call(id, 'bert')
  expect(await settle(id)).toMatchObject({ endpoint: 'https://bert.spoq.test' })
})

test('its first set-up, which failed where a server can only be cancelled, goes on over SSH when its owner starts it', async () => {
  use({ setUp: 'script', deletes: 'at-period-end' })
  const { id } = await putMachine(database, { name: 'ada' })
  await look(id)
  await say(id, { sshKey: hostKey, error: 'the disk is full' })
  expect(await look(id)).toMatchObject({ state: 'failed', error_message: expect.stringContaining('the disk is full') })
  await start(verbs(), alice, id)
  expect(await settle(id)).toMatchObject({ state: 'running', endpoint: 'https://ada.spoq.test', error_code: null })
  expect(jobs.map(({ id, target }) => [id.at(-1), target.hostKey])).toEqual([['2', hostKey]])
  // The server's own, earlier one has no say any more.
  await expect(say(id, { error: 'late' })).rejects.toMatchObject({ code: 'token_invalid' })
  expect(scripts).toHaveLength(1)
})

test('over SSH it can fail as well, and is told why again', async () => {
  use({ setUp: 'script', deletes: 'at-period-end' })
  const { id } = await putMachine(database, { name: 'ada' })
  await look(id)
  await say(id, { sshKey: hostKey, error: 'the disk is full' })
  await look(id)
  onServer = async (_, say) => {
    say('failed: start: still full')
    return 1
  }
  for (const round of [2, 3]) {
    await start(verbs(), alice, id)
    expect(await settle(id)).toMatchObject({ state: 'failed', error_message: expect.stringContaining('still full') })
    expect(jobs.at(-1)?.id.at(-1)).toBe(String(round))
  }
})
