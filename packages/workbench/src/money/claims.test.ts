// Money of subscriptions that goes back, told in any order and any number of times.

import type { Database } from '@spoq/server/db/open'
import { emptyTables, testDatabase } from '@spoq/server/db/test-database'
import { countDisputes } from '@spoq/server/subscription/claim-store'
import { touch } from '@spoq/server/webhook/store'
import fc from 'fast-check'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { day, openWorld, second, type TestWorld } from './world.ts'

let database: Database
let world: TestWorld
beforeAll(async () => {
  database = await testDatabase()
})
const open = async () => {
  await emptyTables(database)
  world = await openWorld(database)
}
beforeEach(open)
afterEach(async () => {
  expect(world.shop.invalid).toEqual([])
  await world.stop()
})
afterAll(() => database.close())

const pro = { plan: 'pro', interval: 'month' } as const
const state = async () => (await world.row()).state
/** The charge that paid a bill; the first, where nothing else is said. */
const charge = (which = 0) => world.shop.chargeOf([...world.shop.world.invoices.keys()][which] ?? '') ?? ''
const records = async (action: string) =>
  (
    await database.query<{ from_state: string; to_state: string; account_id: string }>(
      'SELECT from_state, to_state, account_id FROM audit_record WHERE action = $1 ORDER BY id',
      [action],
    )
  ).map(({ from_state, to_state, account_id }) => `${account_id}: ${from_state ?? ''} > ${to_state}`)
const lettersTo = (who: string) => world.mails.filter(({ to }) => to.startsWith(who)).map(({ subject }) => subject)
const again = async (type: string) => {
  for (const event of world.shop.eventsOf(type).slice(-1)) await world.shop.send(event)
  for (const { id } of world.shop.world.disputes.values()) await touch(database.db, 'dispute', id, world.shop.clock())
  await world.settle()
}

describe('a dispute', () => {
  test('is told to its owner and to those who run the server, once, and changes nothing yet', async () => {
    await world.buy(pro)
    await world.machine('docker', 1)
    const { id } = world.shop.dispute(charge())
    await world.settle()
    await again('charge.dispute.created')
    expect([await state(), await world.plan(), await world.holds()]).toEqual(['active', 'pro', [['docker']]])
    expect(await records('subscription.dispute')).toEqual(['alice:  > open'])
    expect(lettersTo('alice')).toEqual(['You have Spoq Pro', 'Your bank disputes a payment for Spoq Pro'])
    expect(lettersTo('operator')).toEqual([`Dispute ${id}: open`])
    expect(world.logged.filter(event => event === 'subscription.dispute')).toHaveLength(1)
    expect(await countDisputes(database.db)).toEqual({ open: 1 })
  })

  test('that is won changes nothing', async () => {
    await world.buy(pro)
    const { id } = world.shop.dispute(charge())
    await world.settle()
    world.shop.closeDispute(id, true)
    await world.settle()
    await again('charge.dispute.closed')
    expect([await state(), await world.plan()]).toEqual(['active', 'pro'])
    expect(await records('subscription.dispute')).toEqual(['alice:  > open', 'alice: open > won'])
    await world.pass(40 * day)
    expect(await state()).toBe('active')
  })

  test('that is lost cancels, and goes the usual way of grace', async () => {
    await world.buy(pro)
    await world.machine('docker', 1)
    await world.machine('docker', 2)
    const { id } = world.shop.dispute(charge())
    await world.settle()
    world.shop.closeDispute(id, false)
    await world.settle()
    await again('charge.dispute.closed')
    expect([...world.shop.world.subscriptions.values()].map(({ status }) => status)).toEqual(['canceled'])
    expect(await state()).toBe('grace')
    expect(lettersTo('operator')).toEqual([`Dispute ${id}: open`, `Dispute ${id}: lost`])
    await world.pass(7 * day - second)
    expect(await state()).toBe('grace')
    await world.pass(second)
    expect([await state(), await world.plan(), await world.holds()]).toEqual([
      'frozen',
      'free',
      [['docker'], ['docker', 'past_due']],
    ])
    // Whoever begins anew is not cut off by what was lost before.
    await world.buy(pro)
    await again('charge.dispute.closed')
    expect([await state(), await world.plan()]).toEqual(['active', 'pro'])
    expect(await records('subscription.dispute')).toHaveLength(2)
  })

  test('of a customer that is nobody’s here is for whoever runs the server to look at', async () => {
    await world.buy(pro)
    await database.query('DELETE FROM stripe_customer')
    world.shop.dispute(charge())
    await world.settle()
    expect(world.logged).toContain('stripe.dispute-unknown')
    expect(await records('subscription.dispute')).toEqual([])
  })

  test('that is lost while Stripe is away is carried through later, once', async () => {
    await world.buy(pro)
    const { id } = world.shop.dispute(charge())
    await world.settle()
    world.shop.closeDispute(id, false)
    world.shop.weather(/^DELETE/, 'lost', 'lost', 'lost')
    await world.settle()
    await world.pass(3_600 * second)
    expect(await state()).toBe('grace')
    expect(await records('subscription.dispute')).toEqual(['alice:  > open', 'alice: open > lost'])
  })
})

describe('a refund', () => {
  test('of all of the current period cancels at once', async () => {
    await world.buy(pro)
    await world.machine('docker', 1)
    world.shop.refund({ charge: charge() })
    await world.settle()
    expect([await state(), await world.holds()]).toEqual(['grace', [['docker', 'past_due']]])
    expect(await records('subscription.refund')).toEqual(['alice: 0 cents > 2900 cents'])
  })

  test('of a part, and of a period that is over, is noted and changes nothing', async () => {
    await world.buy(pro)
    world.shop.refund({ charge: charge(), amount: 1_000 })
    await world.settle()
    expect([await state(), await records('subscription.refund')]).toEqual(['active', ['alice: 0 cents > 1000 cents']])
    await world.pass(32 * day)
    world.shop.refund({ charge: charge() })
    await world.settle()
    expect([await state(), await world.plan()]).toEqual(['active', 'pro'])
    expect(await records('subscription.refund')).toHaveLength(2)
    // Bit by bit it is all the same.
    for (const amount of [2_000, 900]) {
      world.shop.refund({ charge: charge(1), amount })
      await world.settle()
    }
    expect(await state()).toBe('grace')
  })
})

// Mutants: a state taken from the message; mails at each message; a cancel that is left out when only the last message came.
test('told in any order and any number of times it ends the same', async () => {
  const way = fc.constantFrom('now', 'backwards', 'twice', 'lost')
  await fc.assert(
    fc.asyncProperty(way, way, fc.boolean(), fc.boolean(), async (first, second_, won, isRenewed) => {
      await world.stop()
      await open()
      await world.buy(pro)
      if (isRenewed) await world.pass(32 * day)
      const send = async (how: typeof first, act: () => void) => {
        world.shop.hold()
        act()
        await world.shop.release(events => {
          if (how === 'lost') return []
          return how === 'now' ? events : how === 'twice' ? [...events, ...events] : [...events].reverse()
        })
        if (how !== 'backwards') await world.settle()
      }
      const dispute = { id: '' }
      await send(first, () => {
        dispute.id = world.shop.dispute(charge()).id
      })
      await send(second_ === 'lost' ? 'now' : second_, () => {
        world.shop.closeDispute(dispute.id, won)
      })
      await world.settle()
      expect(await state()).toBe(won ? 'active' : 'grace')
      expect((await records('subscription.dispute')).at(-1)).toMatch(won ? /won$/ : /lost$/)
      const told = lettersTo('operator')
      expect(new Set(told).size).toBe(told.length)
      expect(told.at(-1)).toContain(won ? 'won' : 'lost')
    }),
    { numRuns: 12, endOnFailure: true },
  )
}, 120_000)
