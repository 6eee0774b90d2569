import type { Database } from '@spoq/server/db/open'
import { emptyTables, testDatabase } from '@spoq/server/db/test-database'
import { rereadAll } from '@spoq/server/webhook/reread'
import { touch } from '@spoq/server/webhook/store'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { day, openWorld, second, type TestWorld } from './world.ts'

let database: Database
let world: TestWorld
beforeAll(async () => {
  database = await testDatabase()
})
beforeEach(async () => {
  await emptyTables(database)
  world = await openWorld(database)
})
afterEach(async () => {
  expect(world.shop.invalid).toEqual([])
  await world.stop()
})
afterAll(() => database.close())

const pro = { plan: 'pro', interval: 'month' } as const
const state = async () => (await world.row()).state
const count = async (table: string) => (await database.query(`SELECT FROM ${table}`)).length
const at = () => Math.floor(world.shop.clock() / second)

describe('a message', () => {
  test('is kept once, however often it comes, and forged it is not taken', async () => {
    await world.buy(pro)
    const kept = await count('webhook')
    const [paid] = world.shop.eventsOf('invoice.paid')
    if (!paid) throw new Error('nothing was paid')
    expect(await world.shop.send(paid)).toBe(200)
    expect(await count('webhook')).toBe(kept)
    for (const [forgery, status] of [
      [{ secret: 'whsec_another' }, 400],
      [{ at: at() - 301 }, 400],
      [{ at: at() - 299 }, 200],
      [{ at: at() + 301 }, 400],
      [{ at: at() + 299 }, 200],
      [{ body: '{"id":"evt_1"' }, 400],
      [{ body: '{"id":"evt_1","object":"event"}' }, 400],
      [{ body: '[]' }, 400],
    ] as const)
      expect([forgery, await world.shop.send(paid, forgery)]).toEqual([forgery, status])
    expect(await count('webhook')).toBe(kept)
  })

  test('without a signature, or one of another form, is not taken', async () => {
    const post = (signature: string) =>
      fetch(world.webhooks, { method: 'POST', body: '{}', headers: { 'stripe-signature': signature } })
    await world.settle()
    const before = await count('webhook')
    for (const signature of [
      '',
      't=',
      'v1=00',
      `t=${at()}`,
      `t=${at()},v0=00`,
      `t=-1,v1=00`,
      `t=1e9,v1=00`,
      't=x,v1=00',
    ])
      expect((await post(signature)).status).toBe(400)
    expect(await count('webhook')).toBe(before)
  })

  test('of a type that nobody knows is kept, and read no further', async () => {
    await world.selling.stripe.products.create({ name: 'Something else' })
    await world.settle()
    expect(await database.query("SELECT FROM webhook WHERE type = 'product.created' AND object IS NULL")).toHaveLength(
      1,
    )
  })
})

test('events in any order and number lead to the same', async () => {
  world.shop.hold()
  await world.buy(pro)
  expect(await state()).toBe('incomplete')
  await world.shop.release(events => [...events, ...events].reverse())
  await world.settle()
  expect(await state()).toBe('active')
  expect(world.mails).toHaveLength(1)
})

test('an event that is lost for ever is made up for within a day', async () => {
  await world.buy(pro)
  world.shop.hold()
  await world.selling.stripe.subscriptions.cancel((await world.row()).stripe_id ?? '')
  await world.settle()
  expect(await state()).toBe('active')
  await world.pass(day + second)
  await world.settle()
  expect(await state()).toBe('grace')
})

test('while Stripe is away nothing changes, and what was told is read once it is back', async () => {
  await world.buy(pro)
  const id = (await world.row()).stripe_id ?? ''
  await world.selling.stripe.subscriptions.cancel(id)
  // As often as the SDK tries by itself.
  world.shop.weather(/^GET .*subscriptions\/sub_/, 'down', 'cut', 'busy')
  await world.settle()
  expect([await state(), await count('stale')]).toEqual(['active', 1])
  await world.pass(60 * second)
  expect([await state(), await count('stale')]).toEqual(['grace', 0])
})

test('an object is read once for all that was told of it, and once more for what is told meanwhile', async () => {
  const { db } = database
  const read: string[] = []
  for (let told = 0; told < 50; told++) await touch(db, 'subscription', 'sub_a', 0)
  const subscription = async (object: string) => {
    read.push(object)
    if (read.length === 1) await touch(db, 'subscription', 'sub_a', 0)
  }
  const none = async () => {}
  const handlers = { subscription, 'checkout.session': none, charge: none, dispute: none }
  const pauses: number[] = []
  await rereadAll({
    ...{ db, handlers, now: () => 1, log: () => {}, pause: async (ms: number) => pauses.push(ms) },
    unlessLocked: async (_, work) => work().then(() => true),
  })
  expect(read).toEqual(['sub_a', 'sub_a'])
  // No more than 25 a second.
  expect(pauses).toEqual([40, 40])
})
