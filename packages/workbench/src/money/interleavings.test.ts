// Whatever people, cards, the network and Stripe's messages do, in whatever order: once all is quiet, what we have is what
// Stripe has, one subscription at most is alive there, and machines run if and only if they are paid for.

import { SpoqError } from '@spoq/contracts/problem'
import type { Database } from '@spoq/server/db/open'
import { emptyTables, testDatabase } from '@spoq/server/db/test-database'
import { cancel, change, resume } from '@spoq/server/subscription/change'
import { hasPlan } from '@spoq/server/subscription/lifecycle'
import { subscribe } from '@spoq/server/subscription/subscribe'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { alice, day, openWorld, second, type TestWorld } from './world.ts'

let database: Database
beforeAll(async () => {
  database = await testDatabase()
})
afterAll(() => database.close())

const plan = fc.constantFrom('basic', 'pro', 'team')
const weather = fc.constantFrom(null, null, 'lost', 'down', 'cut', 'busy', 'fault')
const step = fc.oneof(
  fc.record({ do: fc.constant('subscribe'), plan, weather }),
  fc.record({
    do: fc.constant('pay'),
    which: fc.constantFrom('first', 'last'),
    card: fc.constantFrom('works', 'works', 'card_declined'),
  }),
  fc.record({ do: fc.constant('change'), plan, weather }),
  fc.record({ do: fc.constantFrom('cancel', 'resume'), weather }),
  fc.record({ do: fc.constant('card'), card: fc.constantFrom('works', 'card_declined') }),
  fc.record({ do: fc.constant('pass'), ms: fc.constantFrom(second, day, 7 * day - second, 7 * day, 31 * day) }),
  fc.record({ do: fc.constantFrom('hold', 'release', 'backwards', 'lose', 'settle') }),
)
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

/** What a person may be told; anything else is our mistake. */
const told = [
  'billing_unavailable',
  'subscription_exists',
  'subscription_none',
  'subscription_state',
  'card_declined',
  'unavailable',
]

async function asked(work: Promise<unknown>): Promise<void> {
  await work.catch(error => {
    if (!(error instanceof SpoqError && told.includes(error.code))) throw error
  })
}

async function take(world: TestWorld, { ...one }: Step): Promise<void> {
  const { shop, selling } = world
  // As often as the SDK tries by itself, and as the verb asks.
  if ('weather' in one && one.weather) shop.weather(/^POST/, ...Array.from({ length: 3 }, () => one.weather as 'lost'))
  const open = [...shop.world.sessions.values()].filter(({ status }) => status === 'open').map(({ id }) => id)
  switch (one.do) {
    case 'subscribe':
      return asked(subscribe(selling, alice, { plan: (one as { plan: 'pro' }).plan, interval: 'month' }))
    case 'change':
      return asked(change(selling, alice, { plan: (one as { plan: 'pro' }).plan, interval: 'month' }))
    case 'cancel':
      return asked(cancel(selling, alice))
    case 'resume':
      return asked(resume(selling, alice))
    case 'pay': {
      const { which, card } = one as { which: string; card: 'works' }
      const session = which === 'first' ? open[0] : open.at(-1)
      if (session) shop.pay(session, card)
      return
    }
    case 'card':
      if (world.customer()) shop.cardsOf(world.customer(), (one as { card: 'works' }).card)
      return
    case 'pass':
      return world.pass((one as { ms: number }).ms)
    case 'hold':
      return shop.hold()
    case 'release':
      return shop.release()
    case 'backwards':
      return shop.release(events => [...events, ...events].reverse())
    case 'lose':
      return shop.release(() => [])
    default:
      return world.settle()
  }
}

const alive = ['active', 'trialing', 'past_due']

async function quiet(world: TestWorld): Promise<void> {
  const { shop } = world
  shop.calm()
  await shop.release()
  for (let looks = 0; looks < 3; looks++) await world.pass(day + second)
}

async function check(world: TestWorld): Promise<void> {
  const { shop } = world
  const subscriptions = [...shop.world.subscriptions.values()]
  const living = subscriptions.filter(({ status }) => alive.includes(status))
  const row = (
    await database.query<{ stripe_id: string | null; state: string; plan: string }>('SELECT * FROM subscription')
  )[0]
  expect(living.length).toBeLessThanOrEqual(1)
  const [one] = living
  const unpaid = one?.status === 'past_due' && row?.state === 'grace'
  if (one) expect([row?.stripe_id, unpaid || hasPlan(row?.state as 'active')]).toEqual([one.id, true])
  else expect(hasPlan((row?.state ?? 'ended') as 'active')).toBe(false)
  const sold = one?.items.data[0]?.price.lookup_key
  if (one) expect(`spoq_${row?.plan}_month`).toBe(sold)
  expect(await world.plan()).toBe(one && !unpaid ? row?.plan : 'free')
  const [machine = []] = await world.holds()
  const mayRun = row === undefined || row.stripe_id === null || hasPlan(row.state as 'active')
  if (mayRun) expect(machine).toEqual(['docker'])
  if (row?.state === 'grace') expect(machine).toEqual(['docker', 'past_due'])
  expect(shop.invalid).toEqual([])
}

/** Nobody is stuck: who has no plan, and nothing open at Stripe, can buy one. */
async function buyAgain(world: TestWorld): Promise<void> {
  if ([...world.shop.world.subscriptions.values()].some(({ status }) => alive.includes(status))) return
  expect((await world.buy({ plan: 'pro', interval: 'month' })).paid).toBe('complete')
  expect(await world.plan()).toBe('pro')
  expect(await world.holds()).toEqual([['docker', ...((await world.holds())[0]?.includes('ends') ? ['ends'] : [])]])
}

// Mutants: a checkout without a key of its own; a session left open when another is begun; `giveBack` left out; the state read
// from the message in the place of Stripe; the hold written outside the transaction.
test('in the end Stripe and we agree, and nobody pays twice', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 14 }), async steps => {
      await emptyTables(database)
      const world = await openWorld(database)
      try {
        await world.machine('docker', 1)
        for (const one of steps) await take(world, one)
        await quiet(world)
        await check(world)
        await buyAgain(world)
        await check(world)
      } finally {
        await world.stop()
      }
    }),
    { numRuns: Number(process.env.MONEY_RUNS ?? 25), endOnFailure: true },
  )
}, 300_000)
