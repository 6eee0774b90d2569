import { SpoqError } from '@spoq/contracts/problem'
import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { listTold, takeNumber } from '../access/store.ts'
import { listRecords } from '../audit/list.ts'
import type { Database } from '../db/open.ts'
import type { MachineRow, NewMachineRow } from '../db/tables.ts'
import { emptyTables, testDatabase } from '../db/test-database.ts'
import { start } from '../machine/start.ts'
import { stop } from '../machine/stop.ts'
import { findMachine } from '../machine/store.ts'
import { putMachine, testPorts } from '../machine/test-ports.ts'
import { fakeProvider } from '../reconcile/fake-provider.ts'
import { idleLook } from './open.ts'
import type { IdlePorts } from './ports.ts'
import { wake } from './wake.ts'

const idleMs = 1_800_000
const alice = { account: 'alice', requestId: 'req_alice' }

let database: Database
let time: number
let ports: IdlePorts
let verbs: ReturnType<typeof testPorts>
/** When each machine was used last; nothing: it does not answer. */
let used: Map<string, number>
let asked: string[]
/** Happens while a machine answers that it is not used. */
let meanwhile: () => Promise<unknown>
let revoked: string[]

beforeAll(async () => {
  database = await testDatabase()
})
afterAll(() => database.close())
beforeEach(async () => {
  await emptyTables(database)
  time = 10_000_000
  used = new Map()
  asked = []
  revoked = []
  meanwhile = async () => {}
  const providers = new Map([['local', fakeProvider(() => time, { sleeps: true })]] as const)
  verbs = { ...testPorts(database, providers), now: () => time }
  ports = {
    ...database,
    providers,
    idleAfterMs: async () => idleMs,
    fallAsleep: async ({ id }, ms) => {
      asked.push(id)
      const activeAt = used.get(id)
      if (activeAt === undefined) throw new SpoqError('machine_unreachable')
      const asleep = time - activeAt >= ms
      if (asleep) await meanwhile()
      return { asleep, activeAt }
    },
    callerOf: async token => {
      if (token === 'forged') throw new SpoqError('token_invalid')
      return { account: token === 'backend' ? null : token, credential: `login_of_${token}` }
    },
    revokedBy: async () =>
      new Map([['alice', revoked.map(credential => ({ credential, until: '2027-01-01T00:00:00.000Z' }))]]),
    wake: verbs.wake,
    unlessLocked: async (_, work) => work(),
    now: () => time,
    log: () => {},
  }
})

const endpoint = 'https://ann.spoq.test'
const running = (put: Partial<NewMachineRow> = {}) =>
  putMachine(database, { state: 'running', endpoint, ...put, updated_at: new Date(time) })
const asleep = (put: Partial<NewMachineRow> = {}) => running({ state: 'suspended', holds: '["idle"]', ...put })
const row = async ({ id }: MachineRow) => (await findMachine(database.db, id)) as MachineRow
const actions = async ({ id }: MachineRow) =>
  (await listRecords(database.db, id)).map(({ actor, action }) => `${actor} ${action}`)

describe('a machine that nobody uses', () => {
  test('is asked only once it may have been idle for long enough, and sleeps with a record of it', async () => {
    const machine = await running()
    used.set(machine.id, time + 600_000)
    const look = idleLook(ports)
    time += idleMs - 1
    await look()
    expect(asked).toEqual([])
    time += 1
    await look()
    await look()
    expect(asked).toEqual([machine.id])
    time += 600_000
    await look()
    expect((await row(machine)).holds).toEqual(['idle'])
    expect(await actions(machine)).toEqual(['system machine.sleep'])
    expect(verbs.woken).toEqual([machine.id])
    await look()
    expect(asked).toHaveLength(2)
  })

  test('and that ends is awake for its final backup', async () => {
    const ending = { endsAt: '2027-01-01T00:00:00.000Z', copy: 'making', backup: null, nextAt: null, extended: false }
    const machine = await running({ ending: JSON.stringify({ ...ending, reason: null, told: false }) })
    used.set(machine.id, time)
    time += 2 * idleMs
    await idleLook(ports)()
    expect(asked).toEqual([])
  })

  test('that does not answer is left alone, and asked again later', async () => {
    const machine = await running()
    const look = idleLook(ports)
    time += idleMs
    await look()
    await look()
    time += idleMs
    await look()
    expect(asked).toHaveLength(2)
    expect((await row(machine)).holds).toEqual([])
  })

  test.each<[string, Partial<NewMachineRow>]>([
    ['stopped', { state: 'stopped', wanted: 'stopped' }],
    ['held', { holds: '["balance"]' }],
    ['being worked on', { stage: 'taking a snapshot' }],
    ['without an address', { endpoint: null }],
    ['not yet there', { state: 'provisioning' }],
  ])('is not asked while it is %s', async (_, put) => {
    await running(put)
    time += idleMs
    await idleLook(ports)()
    expect(asked).toEqual([])
  })

  // Mutant: the row read again in the transaction, so that what was wanted meanwhile is written over.
  test('stays awake when something was wanted of it while it answered, and is told its access anew', async () => {
    const machine = await running()
    used.set(machine.id, time)
    await takeNumber(database.db, machine.id, 0, time)
    await database.db.updateTable('machine_access').set({ acknowledged: 'hash' }).execute()
    meanwhile = () => stop(verbs, alice, machine.id)
    time += idleMs
    await idleLook(ports)()
    expect(await row(machine)).toMatchObject({ holds: [], wanted: 'stopped' })
    expect((await listTold(database.db, [machine.id]))[0]?.acknowledged).toBeNull()
  })
})

describe('a machine that sleeps', () => {
  test('is woken once by its owner, however many ask, and is told its access before it is ready', async () => {
    const machine = await asleep()
    await takeNumber(database.db, machine.id, 0, time)
    await database.db.updateTable('machine_access').set({ acknowledged: 'hash' }).execute()
    expect(await Promise.all(Array.from({ length: 20 }, () => wake(ports, machine.id, 'alice')))).toEqual(
      Array.from({ length: 20 }, () => true),
    )
    expect((await row(machine)).holds).toEqual([])
    expect((await listTold(database.db, [machine.id]))[0]?.acknowledged).toBeNull()
    expect(await actions(machine)).toEqual(['account:alice machine.wake'])
    expect(verbs.woken).toEqual([machine.id])
  })

  test.each([
    ['another account', 'bob', 'forbidden'],
    ['the backend itself', 'backend', 'forbidden'],
    ['a forged token', 'forged', 'token_invalid'],
  ])('is not woken by %s', async (_, token, code) => {
    const machine = await asleep()
    await expect(wake(ports, machine.id, token)).rejects.toMatchObject({ code })
    expect((await row(machine)).holds).toEqual(['idle'])
  })

  test('is not woken by what was ended while it slept', async () => {
    const machine = await asleep()
    revoked = ['login_of_alice']
    await expect(wake(ports, machine.id, 'alice')).rejects.toMatchObject({ code: 'login_revoked' })
    expect((await row(machine)).holds).toEqual(['idle'])
  })

  // Mutants: take all holds away; wake what its owner stopped.
  test('comes up for its owner exactly when nothing else keeps it', async () => {
    const holds = fc.uniqueArray(fc.constantFrom('idle', 'balance', 'past_due', 'abuse', 'admin'))
    const wanted = fc.constantFrom('running' as const, 'stopped' as const, 'terminated' as const)
    await fc.assert(
      fc.asyncProperty(holds, wanted, async (kept, wish) => {
        const machine = await asleep({ holds: JSON.stringify(kept), wanted: wish })
        const waking = await wake(ports, machine.id, 'alice')
        const others = kept.filter(hold => hold !== 'idle')
        expect(waking).toBe(wish === 'running' && others.length === 0)
        expect((await row(machine)).holds).toEqual(waking ? [] : kept)
      }),
      { numRuns: 40 },
    )
  })

  test('wakes by a start; a stop has it stopped, not asleep; what else holds it stays', async () => {
    const one = await asleep()
    await start(verbs, alice, one.id)
    expect(await row(one)).toMatchObject({ holds: [], wanted: 'running' })
    const other = await asleep({ holds: '["idle","balance"]' })
    await stop(verbs, alice, other.id)
    expect(await row(other)).toMatchObject({ holds: ['balance'], wanted: 'stopped' })
  })
})
