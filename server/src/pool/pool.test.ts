import { SpoqError } from '@spoq/contracts/problem'
import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { listRecords } from '../audit/list.ts'
import type { Database } from '../db/open.ts'
import { emptyTables, testDatabase } from '../db/test-database.ts'
import { list } from '../machine/list.ts'
import { plans } from '../plan/table.ts'
import { type TestPool, testPool } from '../reconcile/test-pool.ts'
import { putLimits } from './store.ts'

let database: Database
let world: TestPool
beforeAll(async () => {
  database = await testDatabase()
})
beforeEach(async () => {
  await emptyTables(database)
  world = testPool(database)
})
afterAll(() => database.close())

async function fill(): Promise<string[]> {
  await world.keep()
  await world.settle()
  return world.warm()
}
const states = async () => Object.fromEntries((await world.rows()).map(({ id, state }) => [id, state]))

test('as many as there are to be at least are made, and rest without anybody being let in', async () => {
  expect(await fill()).toHaveLength(2)
  await fill()
  for (const row of await world.rows())
    expect(row).toMatchObject({ state: 'provisioning', account_id: null, name: row.id, endpoint: null })
  expect(world.provider.resources.size).toBe(2)
  expect(world.conductor.held).toMatchObject({ members: [] })
  expect(await list(database.db, 'alice', true)).toEqual([])
})

test('who asks gets one that is ready: nothing is made or started again, and it is told whose it is', async () => {
  const [first] = await fill()
  const calls = world.provider.calls.length
  world.pass(1_000)
  const machine = await world.ask('alice', { name: 'otter' })
  expect(machine).toMatchObject({ id: first, name: 'otter', state: 'provisioning', stage: 'telling it whose it is' })
  await world.settle()
  expect((await list(database.db, 'alice', false))[0]).toMatchObject({ id: first, state: 'running', stage: null })
  expect(world.conductor.held).toMatchObject({ members: ['alice'] })
  const after = world.provider.calls.slice(calls).map(call => call.split(' ')[0])
  expect(new Set(after)).toEqual(new Set(['find']))
  const audit = await listRecords(database.db, String(first))
  expect(audit.map(({ actor, action, to }) => `${actor} ${action} ${to}`)).toEqual([
    'pool pool.make pending',
    'reconciler machine.state provisioning',
    'account:alice machine.create null',
    'reconciler machine.state running',
  ])
})

test('it is told at once, without a look at the provider, and nobody holds it afterwards', async () => {
  const [first] = await fill()
  const calls = world.provider.calls.length
  world.hand.over = true
  expect(await world.ask('alice')).toMatchObject({ id: first, state: 'running', stage: null })
  expect(world.conductor.held).toMatchObject({ members: ['alice'] })
  expect(world.provider.calls).toHaveLength(calls)
  const [row] = (await world.rows()).filter(({ id }) => id === first)
  expect(row).toMatchObject({ lease_owner: null, lease_until: null, attempts: 0 })
})

test('one whose Conductor is away is not said to run, and is looked after in the usual way', async () => {
  const [first] = await fill()
  world.hand.over = true
  world.conductor.fault = () => 'before'
  expect(await world.ask('alice')).toMatchObject({ id: first, state: 'provisioning' })
  expect((await world.rows()).filter(({ lease_owner }) => lease_owner !== null)).toEqual([])
  world.conductor.fault = () => undefined
  world.pass(2_000)
  await world.settle()
  expect((await list(database.db, 'alice', false))[0]).toMatchObject({ id: first, state: 'running' })
})

test.each<[string, (made: TestPool['made']) => unknown]>([
  ['another size', () => ({ size: 'large' })],
  ['what machines are not made of any more', made => void Object.assign(made, { of: 'v2' })],
  ['what became too old', () => world.pass(3_700_000)],
])('who asks for %s gets a new one', async (_, change) => {
  const before = await fill()
  const asked = (change(world.made) ?? {}) as object
  const { id, stage } = await world.ask('alice', asked)
  expect(before).not.toContain(id)
  expect(stage).toBe('waiting for its turn')
})

test('one that takes the tokens of another backend is not given to anybody', async () => {
  const before = await fill()
  await database.db.updateTable('machine').set({ issuer: 'http://elsewhere' }).execute()
  expect(before).not.toContain((await world.ask('alice')).id)
})

test('one that is only half made is not given to anybody', async () => {
  await world.keep()
  const { id } = await world.ask('alice')
  expect((await world.rows()).find(row => row.id === id)?.pool_form).toBe(null)
})

test('a request that fails gives back what it would have got', async () => {
  const before = await fill()
  await world.ask('bob', { name: 'otter', size: 'large' })
  await expect(world.ask('alice', { name: 'otter' })).rejects.toMatchObject({
    name: SpoqError.name,
    code: 'name_taken',
  })
  expect(await world.warm()).toEqual(before)
})

test('the same request again, at once or later, has one machine', async () => {
  await fill()
  const asked = Array.from({ length: 5 }, () => world.ask('alice', {}, 'key-of-alice'))
  const ids = (await Promise.all(asked)).map(({ id }) => id)
  expect(new Set([...ids, (await world.ask('alice', {}, 'key-of-alice')).id]).size).toBe(1)
  expect(await world.warm()).toHaveLength(1)
  await expect(world.ask('alice', { name: 'heron' }, 'key-of-alice')).rejects.toMatchObject({
    code: 'idempotency_mismatch',
  })
})

// Mutants: `lockWarm` without its lock; `giveUnclaimed` that takes whatever has the id.
test('of many who ask at once each gets a machine of its own, and those that were ready are all given', async () => {
  world = testPool(database, { min: 8, max: 8 })
  const before = await fill()
  const ids = (await Promise.all(Array.from({ length: 20 }, (_, at) => world.ask(`account${at}`)))).map(({ id }) => id)
  expect(new Set(ids).size).toBe(20)
  expect(ids.filter(id => before.includes(id)).sort()).toEqual(before)
  const owners = (await world.rows()).map(({ account_id }) => account_id)
  expect(new Set(owners).size).toBe(20)
})

// Mutants: the count in the statement that claims without a turn before it; no count in it.
test('of many claims of one account at once there are as many as its plan allows, whatever they are called', async () => {
  world = testPool(database, { min: 8, max: 8 }, plans.team)
  const before = await fill()
  const names = Array.from({ length: 8 }, (_, at) => ({ name: `otter-${at}` }))
  const answers = await Promise.allSettled(names.map(asked => world.ask('alice', asked)))
  const given = answers.flatMap(answer => (answer.status === 'fulfilled' ? answer.value.id : []))
  expect(given).toHaveLength(5)
  expect(given.every(id => before.includes(id))).toBe(true)
  expect(await world.warm()).toEqual(before.filter(id => !given.includes(id)))
  for (const answer of answers)
    if (answer.status === 'rejected') expect(answer.reason).toMatchObject({ code: 'plan_limit' })
})

test('as many as were asked for in the last minute are made ahead, and no more than at most', async () => {
  for (const [asked, expected] of [
    [1, 2],
    [3, 3],
    [9, 4],
  ] as const) {
    world.pass(61_000)
    for (let at = 0; at < asked; at++) await world.ask('alice', { size: 'large' })
    expect(await fill()).toHaveLength(expected)
  }
  world.pass(61_000)
  expect(await fill()).toHaveLength(2)
  expect(world.provider.resources.size).toBe(13 + 2)
})

test('what is too old, of another form, sick or failed is ended and replaced', async () => {
  const [old, sick] = await fill()
  world.sick.add(String(sick))
  await fill()
  expect(await states()).toMatchObject({ [String(sick)]: 'terminated', [String(old)]: 'provisioning' })
  world.made.of = 'v2'
  await fill()
  expect(await states()).toMatchObject({ [String(old)]: 'terminated' })
  const second = await world.warm()
  world.pass(3_600_000)
  const third = await fill()
  expect(third).toHaveLength(2)
  expect(third.some(id => second.includes(id))).toBe(false)
  await database.db
    .updateTable('machine')
    .set({ state: 'failed', stage: null })
    .where('id', '=', String(third[0]))
    .execute()
  await fill()
  expect(await world.warm()).toEqual([third[1]])
  world.pass(400_000)
  await fill()
  expect(await world.warm()).toHaveLength(2)
  expect(world.provider.resources.size).toBe(2)
})

test("an operator's limits come before the configured ones, and 0 ends all of them", async () => {
  await putLimits(database.db, { min: 3, max: 3 }, 0)
  expect(await fill()).toHaveLength(3)
  await putLimits(database.db, { min: 0, max: 0 }, 0)
  expect(await fill()).toEqual([])
  expect(world.provider.resources.size).toBe(0)
})

test('a machine that was somebody’s is destroyed, never given to another', async () => {
  const [first] = await fill()
  await world.ask('alice')
  await world.settle()
  await world.end('alice', String(first))
  await world.settle()
  expect(await states()).toMatchObject({ [String(first)]: 'terminated' })
  expect([...world.provider.resources.values()].map(({ machine }) => machine)).not.toContain(first)
})

// Mutants: `keepPool` that ends without a lock on the row; `endOne` without its look whether it is somebody's by now.
test('whoever asks, ends and keeps in whatever order at once: nobody gets what another had, and none is lost', async () => {
  const step = fc.oneof(
    fc.record({ ask: fc.constantFrom('ann', 'ben', 'cem') }),
    fc.record({ end: fc.nat(9) }),
    fc.constantFrom('keep' as const, 'settle' as const, 'age' as const, 'form' as const),
  )
  await fc.assert(
    fc.asyncProperty(fc.array(fc.array(step, { minLength: 1, maxLength: 5 }), { maxLength: 5 }), async rounds => {
      await emptyTables(database)
      world = testPool(database)
      const owned = new Map<string, string>()
      const ask = async (who: string) => {
        const { id } = await world.ask(who)
        expect(owned.has(id)).toBe(false)
        owned.set(id, who)
      }
      const deeds = {
        keep: () => world.keep(),
        settle: () => world.settle(),
        age: async () => world.pass(2_000_000),
        form: async () => void Object.assign(world.made, { of: `${world.made.of}+` }),
      }
      for (const round of rounds)
        await Promise.all(
          round.map(async one => {
            if (typeof one === 'string') return deeds[one]()
            if ('ask' in one) return ask(one.ask)
            const [machine, who] = [...owned][one.end] ?? []
            if (machine && who) await world.end(who, machine)
          }),
        )
      world.pass(61_000)
      for (let looks = 0; looks < 3; looks++) {
        await world.keep()
        await world.settle()
        world.pass(1_000)
      }
      for (const row of await world.rows()) if (row.account_id) expect(owned.get(row.id)).toBe(row.account_id)
      expect(await world.warm()).toHaveLength(2)
      const wanted = (await world.rows()).filter(row => row.wanted === 'running').map(({ id }) => id)
      const there = [...world.provider.resources.values()].map(({ machine }) => machine)
      expect(there.sort()).toEqual(wanted)
    }),
    { numRuns: 25 },
  )
})
