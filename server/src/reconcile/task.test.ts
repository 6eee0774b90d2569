// What the owner has done to a machine once: asked for by the verbs, done by the reconciler with a provider that can.

import { ProviderError, type Snapshot } from '@spoq/providers'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { takeNumber } from '../access/store.ts'
import { listRecords } from '../audit/list.ts'
import type { Database } from '../db/open.ts'
import { emptyTables, testDatabase } from '../db/test-database.ts'
import { findMachine } from '../machine/store.ts'
import { terminate } from '../machine/terminate.ts'
import { putMachine, testPorts } from '../machine/test-ports.ts'
import { removeSnapshot, resize, restore, rotate, takeSnapshot } from '../task/ask.ts'
import { listSnapshots } from '../task/list.ts'
import { restart } from '../task/restart.ts'
import { type FakeProvider, fakeProvider } from './fake-provider.ts'
import type { ReconcilePorts } from './ports.ts'
import { reconcileMachine } from './reconcile.ts'

const alice = { account: 'alice', requestId: 'req_alice' }
const price = { centsMonthly: 700, currency: 'EUR' }

let database: Database
let time: number
let provider: FakeProvider
let ports: ReconcilePorts
let verbs: ReturnType<typeof testPorts>
let id: string
/** What the provider did, in order; each verb throws what is next here, before it does anything. */
let done: string[]
let failures: Error[]
let kept: Map<string, Snapshot>
/** How many looks a snapshot takes. */
let slow: number

beforeAll(async () => {
  database = await testDatabase()
})
beforeEach(async () => {
  await emptyTables(database)
  time = 1_000_000
  done = []
  failures = []
  kept = new Map()
  slow = 0
  provider = able(fakeProvider(() => time))
  const providers = new Map([['local', provider]] as const)
  verbs = { ...testPorts(database, providers), now: () => time }
  verbs.placeOf = async (_, { size = '' }) => ({ region: 'nbg1', size, price })
  const where = { issuer: 'http://127.0.0.1', jwksUrl: 'http://127.0.0.1/jwks' }
  const lease = { owner: 'backend_a', ms: 30_000 }
  ports = { ...database, lease, providers, ...where, now: () => time, databaseNow: async () => time, log: () => {} }
  id = (await putMachine(database, { region: 'nbg1', size: 'cx23' })).id
  await settle()
})
afterAll(() => database.close())

function able(fake: FakeProvider): FakeProvider {
  const doing = async (what: string) => {
    const failure = failures.shift()
    if (failure) throw failure
    done.push(what)
  }
  return {
    ...fake,
    resize: (ref, size) => doing(`resize ${ref} ${size}`),
    snapshot: async (ref, name) => {
      if (!kept.has(name)) await doing(`snapshot ${ref}`)
      const state = slow-- > 0 ? ('creating' as const) : ('ready' as const)
      kept.set(name, { ref: `snap-${name}`, state })
      return { ref: `snap-${name}`, state }
    },
    restore: (ref, snapshot) => doing(`restore ${ref} ${snapshot}`),
    removeSnapshot: (ref, snapshot) => doing(`remove ${ref} ${snapshot}`),
    rotateCredentials: ref => doing(`rotate ${ref}`),
  }
}

async function settle() {
  for (let looks = 0; looks < 60; looks++) {
    const next = await reconcileMachine(ports, id)
    if (next === null) return findMachine(database.db, id)
    time = Math.max(time, next)
  }
  throw new Error('it does not come to rest')
}
const actions = async () => (await listRecords(database.db, id)).map(({ action }) => action)
const take = (name?: string) => takeSnapshot(verbs, alice, id, name)
const snapshots = () => listSnapshots(database.db, 'alice', id)

describe('resize', () => {
  test('is done once the machine is at rest, with its price and its records', async () => {
    await resize(verbs, alice, id, { size: 'cx33' })
    expect(await settle()).toMatchObject({ size: 'cx33', price_cents: 700, stage: null, state: 'running' })
    expect(done).toEqual(['resize r1 cx33'])
    expect((await actions()).slice(-2)).toEqual(['machine.resize', 'machine.resize-done'])
  })

  test('that the provider refuses leaves the machine as it was, and says why in its history', async () => {
    failures = [new ProviderError('refused', 'No such size there.')]
    await resize(verbs, alice, id, { size: 'cx99' })
    expect(await settle()).toMatchObject({ size: 'cx23', state: 'running' })
    expect((await actions()).at(-1)).toBe('machine.resize-failed')
  })

  test('that fails is tried again, with pauses, and given up in the end', async () => {
    const tired = new ProviderError('retry', 'The provider is tired.')
    failures = [tired, tired]
    await resize(verbs, alice, id, { size: 'cx33' })
    expect((await settle())?.size).toBe('cx33')
    failures = Array.from({ length: 50 }, () => tired)
    await resize(verbs, alice, id, { size: 'cx43' })
    expect((await settle())?.size).toBe('cx33')
    expect(failures.length).toBeGreaterThan(30)
  })

  test('of somebody else’s machine, or where the provider cannot, is refused', async () => {
    const bob = { account: 'bob', requestId: 'req_bob' }
    await expect(resize(verbs, bob, id, { size: 'cx33' })).rejects.toMatchObject({ code: 'machine_not_found' })
    const { resize: _, ...unable } = provider
    verbs.providers = new Map([['local', unable as FakeProvider]])
    await expect(resize(verbs, alice, id, { size: 'cx33' })).rejects.toMatchObject({ code: 'not_supported' })
  })
})

describe('snapshots', () => {
  test('are taken once, waited for, put back and removed, one after the other', async () => {
    slow = 3
    const { id: snapshot } = await take('before')
    expect(await snapshots()).toMatchObject([{ name: 'before', state: 'waiting' }])
    await settle()
    expect(await snapshots()).toMatchObject([{ name: 'before', state: 'ready' }])
    await restore(verbs, alice, id, snapshot)
    await removeSnapshot(verbs, alice, id, snapshot)
    await removeSnapshot(verbs, alice, id, snapshot)
    expect(await snapshots()).toMatchObject([{ state: 'removing' }])
    await settle()
    expect(done).toEqual(['snapshot r1', `restore r1 snap-${snapshot}`, `remove r1 snap-${snapshot}`])
    expect(await snapshots()).toEqual([])
  })

  test('of another machine, or one that is not ready, cannot be put back', async () => {
    const other = await putMachine(database, { state: 'running', wanted: 'running' })
    const { id: theirs } = await takeSnapshot(verbs, alice, other.id, 'theirs')
    await expect(restore(verbs, alice, id, theirs)).rejects.toMatchObject({ code: 'snapshot_not_found' })
    const { id: waiting } = await take()
    await expect(restore(verbs, alice, id, waiting)).rejects.toMatchObject({ code: 'snapshot_not_found' })
  })

  test('are five at most; one that failed does not count', async () => {
    failures = [new ProviderError('refused', 'It is full.')]
    await take()
    await settle()
    for (let n = 0; n < 5; n++) await take(`s-${n}`)
    await expect(take()).rejects.toMatchObject({ code: 'snapshot_limit' })
  })

  // Mutant: a removal that only knows snapshots which were taken: one that failed would be "removing" for ever.
  test('that failed can be removed, with what is left of it at the provider', async () => {
    provider.snapshot = async (_, name) => ({ ref: `snap-${name}`, state: 'failed' })
    const { id: snapshot } = await take('before')
    await settle()
    expect(await snapshots()).toMatchObject([{ state: 'failed', error: 'The provider could not take the snapshot.' }])
    await removeSnapshot(verbs, alice, id, snapshot)
    await settle()
    expect(done).toEqual([`remove r1 snap-${snapshot}`])
    expect(await snapshots()).toEqual([])
  })

  // Mutant: `forgetTold` left out: tokens that were revoked since the snapshot would open the machine again.
  test('a machine that was put back is told again who may use it', async () => {
    await takeNumber(database.db, id, 0, 0)
    await database.db.updateTable('machine_access').set({ acknowledged: 'hash' }).where('machine_id', '=', id).execute()
    const { id: snapshot } = await take()
    await settle()
    await restore(verbs, alice, id, snapshot)
    await settle()
    const told = await database.db
      .selectFrom('machine_access')
      .selectAll()
      .where('machine_id', '=', id)
      .executeTakeFirst()
    expect(told?.acknowledged).toBeNull()
  })
})

describe('rotate', () => {
  test('changes the credentials once, however often it is asked for, and tells how that went', async () => {
    failures = [new ProviderError('retry', 'The provider is tired.')]
    await rotate(verbs, alice, id)
    await rotate(verbs, alice, id)
    expect(await settle()).toMatchObject({ state: 'running', stage: null })
    expect(done).toEqual(['rotate r1'])
    expect((await actions()).filter(action => /rotate/.test(action))).toEqual(['machine.rotate', 'machine.rotate-done'])
    await rotate(verbs, alice, id)
    await settle()
    expect(done).toEqual(['rotate r1', 'rotate r1'])
  })

  test('where the provider cannot is refused', async () => {
    const { rotateCredentials: _, ...unable } = provider
    verbs.providers = new Map([['local', unable as FakeProvider]])
    await expect(rotate(verbs, alice, id)).rejects.toMatchObject({ code: 'not_supported' })
  })
})

describe('restart', () => {
  const power = () => provider.calls.filter(call => /^(suspend|resume)/.test(call))

  test('stops and starts the machine once, however often it is asked for, and tells it anew who may use it', async () => {
    await takeNumber(database.db, id, 0, 0)
    await database.db.updateTable('machine_access').set({ acknowledged: 'hash' }).where('machine_id', '=', id).execute()
    await restart(verbs, alice, id)
    await restart(verbs, alice, id)
    expect(await settle()).toMatchObject({ state: 'running', stage: null, attempts: 0 })
    expect(power()).toEqual(['suspend r1', 'resume r1'])
    expect((await actions()).filter(action => /restart/.test(action))).toEqual([
      'machine.restart',
      'machine.restart-done',
    ])
    const told = await database.db.selectFrom('machine_access').selectAll().executeTakeFirst()
    expect(told?.acknowledged).toBeNull()
  })

  // Mutant: what was stopped is not written: each try would stop it again.
  test('goes on where it was cut off', async () => {
    const { resume } = provider
    let tired = 3
    provider.resume = async ref => {
      if (tired-- > 0) throw new ProviderError('retry', 'The provider is tired.')
      await resume(ref)
    }
    await restart(verbs, alice, id)
    expect(await settle()).toMatchObject({ state: 'running' })
    expect(power()).toEqual(['suspend r1', 'resume r1'])
  })

  // Mutant: without `restarting` in the plan it would be waited for until somebody ends it.
  test('is done to one that hangs, which looks as if it was coming up', async () => {
    const hung = provider.resources.get('r1')
    if (hung) provider.resources.set('r1', { ...hung, state: 'creating', endpoint: null })
    await restart(verbs, alice, id)
    expect(await settle()).toMatchObject({ state: 'running' })
    expect(power()).toEqual(['suspend r1', 'resume r1'])
  })

  test("is refused for one that does not run, and for somebody else's", async () => {
    await expect(restart(verbs, { ...alice, account: 'bob' }, id)).rejects.toMatchObject({ code: 'machine_not_found' })
    const stopped = await putMachine(database, { state: 'stopped', wanted: 'stopped' })
    await expect(restart(verbs, alice, stopped.id)).rejects.toMatchObject({ code: 'machine_state' })
  })
})

test('nothing is begun on a machine that is ending, and its end waits for no task', async () => {
  failures = Array.from({ length: 9 }, () => new ProviderError('retry', 'The provider is tired.'))
  await resize(verbs, alice, id, { size: 'cx33' })
  await terminate(verbs, alice, id)
  await settle()
  expect((await findMachine(database.db, id))?.state).toBe('terminated')
  expect(done).toEqual([])
  await expect(take()).rejects.toMatchObject({ code: 'machine_state' })
})
