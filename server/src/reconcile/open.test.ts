import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { newId } from '../db/new-id.ts'
import type { Database } from '../db/open.ts'
import { emptyTables, testDatabase } from '../db/test-database.ts'
import { type Jobs, openJobs } from '../job/open.ts'
import { create } from '../machine/create.ts'
import { findMachine } from '../machine/store.ts'
import { terminate } from '../machine/terminate.ts'
import { putMachine, testPorts } from '../machine/test-ports.ts'
import { type FakeProvider, fakeProvider } from './fake-provider.ts'
import { openReconciler, type Reconciler } from './open.ts'
import { orphanSweep } from './orphans.ts'
import { reconcileMachine } from './reconcile.ts'
import { scan } from './scan.ts'

const lease = { owner: 'backend_a', ms: 30_000 }
const alice = { account: 'alice', requestId: 'req_alice' }

let database: Database
let jobs: Jobs
let provider: FakeProvider
let reconciler: Reconciler | undefined
let ports: Parameters<typeof openReconciler>[0]

beforeAll(async () => {
  database = await testDatabase()
})
beforeEach(async () => {
  await emptyTables(database)
  jobs = await openJobs(database, () => {})
  provider = fakeProvider(Date.now)
  const providers = new Map([['local', provider]] as const)
  ports = {
    ...database,
    lease,
    providers,
    issuer: 'http://a',
    jwksUrl: 'http://a/jwks',
    now: Date.now,
    databaseNow: async () => Date.now(),
    log: () => {},
  }
})
afterEach(async () => {
  await reconciler?.stop()
  await jobs.stop()
  reconciler = undefined
})
afterAll(() => database.close())

async function until(id: string, state: string): Promise<void> {
  for (let i = 0; i < 400; i++) {
    if ((await findMachine(database.db, id))?.state === state) return
    await sleep(25)
  }
  throw new Error(`${id} is still ${(await findMachine(database.db, id))?.state}, not ${state}`)
}

/** Scans once an hour: what happens before that was woken by a job. */
async function openWoken() {
  reconciler = openReconciler(ports, 3_600_000)
  await jobs.work(reconciler.wake)
  return { ...testPorts(database, ports.providers), wake: jobs.wake }
}

test('a wake-up written with the machine brings it up, and one written with its end brings it down', async () => {
  const verbs = await openWoken()
  const { id } = await create(verbs, alice, {}, undefined)
  await until(id, 'running')
  await terminate(verbs, alice, id)
  await until(id, 'terminated')
  expect([...provider.resources]).toEqual([])
})

test('a transaction that fails wakes nobody', async () => {
  const verbs = await openWoken()
  const { id } = await putMachine(database)
  const heard: string[] = []
  await jobs.work(machine => {
    heard.push(machine)
    reconciler?.wake(machine)
  })
  const failing = database.db.transaction().execute(async trx => {
    await verbs.wake(trx, id)
    throw new Error('on purpose')
  })
  await expect(failing).rejects.toThrow('on purpose')
  const { id: other } = await create(verbs, alice, {}, undefined)
  await until(other, 'running')
  expect(heard).not.toContain(id)
})

test('a wake-up in its last look is not lost', async () => {
  const verbs = await openWoken()
  const { id } = await create(verbs, alice, {}, undefined)
  await until(id, 'running')
  const looking = Promise.withResolvers<void>()
  const go = Promise.withResolvers<void>()
  provider.meanwhile = async () => {
    looking.resolve()
    await go.promise
  }
  reconciler?.wake(id)
  await looking.promise
  // The row was read; what comes now is seen only if it looks once more.
  await terminate(testPorts(database, ports.providers), alice, id)
  reconciler?.wake(id)
  go.resolve()
  await until(id, 'terminated')
  expect([...provider.resources]).toEqual([])
})

test('without any wake-up the first scan finds what a dead backend left', async () => {
  const { id } = await putMachine(database)
  reconciler = openReconciler(ports, 3_600_000)
  await until(id, 'running')
})

test('the scan brings back what stopped by itself', async () => {
  const { id } = await putMachine(database)
  reconciler = openReconciler(ports, 50)
  await until(id, 'running')
  const [ref, resource] = [...provider.resources][0] ?? []
  if (ref && resource) provider.resources.set(ref, { ...resource, state: 'stopped' })
  for (let i = 0; i < 400 && provider.resources.get(String(ref))?.state !== 'running'; i++) await sleep(25)
  expect(provider.resources.get(String(ref))?.state).toBe('running')
})

test('what surfaces of a machine that is over is removed', async () => {
  const { id } = await putMachine(database, { state: 'terminated', wanted: 'terminated' })
  provider.resources.set('late', { ref: 'late', machine: id, state: 'running', endpoint: null })
  reconciler = openReconciler(ports, 3_600_000)
  for (let i = 0; i < 400 && provider.resources.size > 0; i++) await sleep(25)
  expect(provider.resources.size).toBe(0)
})

test('an orphan is removed at a look a minute after the first, a known machine never', async () => {
  let time = 0
  const timed = { ...ports, now: () => time }
  const { id } = await putMachine(database, { state: 'running', provider_ref: 'mine' })
  provider.resources.set('mine', { ref: 'mine', machine: id, state: 'running', endpoint: null })
  provider.resources.set('orphan', { ref: 'orphan', machine: newId('mach'), state: 'running', endpoint: null })
  const sweep = orphanSweep(timed)
  const look = async () => sweep((await scan(timed)).orphans)
  await look()
  time = 59_999
  await look()
  expect([...provider.resources.keys()]).toEqual(['mine', 'orphan'])
  time = 60_000
  await look()
  expect([...provider.resources.keys()]).toEqual(['mine'])
})

test('a machine that is made while the scan asks the provider is no orphan', async () => {
  provider.meanwhile = async () => {
    const { id } = await putMachine(database)
    provider.resources.set('new', { ref: 'new', machine: id, state: 'running', endpoint: null })
  }
  expect((await scan(ports)).orphans).toEqual([])
})

test('a provider that does not answer stops neither the scan of the others nor a machine', async () => {
  await putMachine(database, { state: 'running', provider_ref: 'mine' })
  const { id: other } = await putMachine(database, { provider: 'docker' })
  const dead = fakeProvider(Date.now)
  dead.list = () => Promise.reject(new Error('down'))
  const found = await scan({
    ...ports,
    providers: new Map([
      ['local', dead],
      ['docker', { ...provider, name: 'docker' }],
    ]),
  })
  expect(found).toEqual({ due: [other], orphans: [] })
})

// Mutants: turns that nobody takes; one who waits that keeps its place when its end is wanted.
test('a provider makes so many at once, who asked first comes first, and one that ends while it waits is never made', async () => {
  const made: string[] = []
  const gates: (() => void)[] = []
  const busy = fakeProvider(Date.now, { createsAtOnce: 2 })
  const { create: makes } = busy
  busy.create = async spec => {
    made.push(spec.machine)
    await new Promise<void>(resolve => gates.push(resolve))
    return makes(spec)
  }
  ports = { ...ports, providers: new Map([['local', busy]] as const) }
  const verbs = await openWoken()
  const at = (ms: number) => ({ created_at: new Date(ms), updated_at: new Date(ms) })
  const ids: string[] = []
  for (let n = 0; n < 5; n++) {
    const { id } = await putMachine(database, { account_id: 'alice', ...at(n) })
    ids.push(id)
    reconciler?.wake(id)
    for (let i = 0; i < 400 && n < 2 && made.length <= n; i++) await sleep(10)
  }
  const stages = async () => Promise.all(ids.slice(2).map(async id => (await findMachine(database.db, id))?.stage))
  const isQueued = async () => (await stages()).every(stage => stage?.startsWith('waiting for its turn'))
  for (let i = 0; i < 400 && !(await isQueued()); i++) await sleep(10)
  await terminate(verbs, alice, String(ids[2]))
  await until(String(ids[2]), 'terminated')
  expect(made).toEqual(ids.slice(0, 2))
  for (let n = 0; n < 4; n++) {
    for (let i = 0; i < 400 && gates.length === 0; i++) await sleep(10)
    gates.shift()?.()
    // One at a time: two whose turn comes at the same moment may begin in any order.
    for (let i = 0; i < 400 && made.length < Math.min(4, 3 + n); i++) await sleep(10)
  }
  for (const id of [ids[0], ids[1], ids[3], ids[4]]) await until(String(id), 'running')
  expect(made).toEqual([ids[0], ids[1], ids[3], ids[4]])
})

// Mutant: hold what the provider shows, and not what the reconciler makes of it, against the rows.
test('a machine that is found through the gateway is due for nothing once it runs', async () => {
  const tunnels = { key: '', offers: async () => new Map(), endpointOf: () => 'https://ann.spoq.test' }
  const behind = { ...ports, tunnels }
  const { id } = await putMachine(database, { state: 'running', provider_ref: 'mine', issuer: ports.issuer })
  provider.resources.set('mine', { ref: 'mine', machine: id, state: 'running', endpoint: null })
  expect((await scan(behind)).due).toEqual([id])
  await reconcileMachine(behind, id)
  expect((await findMachine(database.db, id))?.endpoint).toBe('https://ann.spoq.test')
  expect((await scan(behind)).due).toEqual([])
})
