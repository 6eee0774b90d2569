import type { Database } from '@spoq/server/db/open'
import { emptyTables, testDatabase } from '@spoq/server/db/test-database'
import { cancel, change, resume } from '@spoq/server/subscription/change'
import { preview } from '@spoq/server/subscription/preview'
import { subscribe } from '@spoq/server/subscription/subscribe'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { alice, day, openWorld, second, type TestWorld } from './world.ts'

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
const state = async () => {
  const row = await world.row()
  return `${row.plan} ${row.state}`
}

describe('a subscription', () => {
  test('gives nothing before it is paid, and all of the plan then', async () => {
    const { checkout, state: begun } = await subscribe(world.selling, alice, pro)
    expect([begun, await world.plan()]).toEqual(['incomplete', 'free'])
    expect(checkout?.url).toMatch(/^http/)
    await world.settle()
    expect([await state(), await world.plan()]).toEqual(['pro incomplete', 'free'])
    world.shop.pay((await world.row()).checkout ?? '')
    await world.settle()
    expect([await state(), await world.plan()]).toEqual(['pro active', 'pro'])
    expect((await world.row()).checkout_url).toBeNull()
    expect(world.mails.map(({ subject }) => subject)).toEqual(['You have Spoq Pro'])
  })

  test('is the same when it is asked for again, and another when another is asked for', async () => {
    const first = await subscribe(world.selling, alice, pro)
    expect(await subscribe(world.selling, alice, pro)).toEqual(first)
    const { checkout: old } = await world.row()
    const second = await subscribe(world.selling, alice, { plan: 'team', interval: 'month' })
    expect(second.id).toBe(first.id)
    expect(second.checkout?.url).not.toBe(first.checkout?.url)
    expect((await world.selling.stripe.checkout.sessions.retrieve(old ?? '')).status).toBe('expired')
  })

  test('is begun once though the answer was lost, and though many ask at once', async () => {
    world.shop.weather(/checkout\/sessions$/, 'lost', 'lost', 'lost')
    await expect(subscribe(world.selling, alice, pro)).rejects.toMatchObject({ code: 'billing_unavailable' })
    await subscribe(world.selling, alice, pro)
    expect(world.shop.world.sessions.size).toBe(1)
    expect(world.shop.world.customers.size).toBe(1)
    await Promise.allSettled(Array.from({ length: 5 }, () => subscribe(world.selling, alice, pro)))
    expect(world.shop.world.sessions.size).toBe(1)
  })

  // What Stripe answers with a fault it answers again, to the same key, for a day.
  test.each(['customers', 'prices', 'checkout/sessions'])('is begun after a fault of Stripe at %s', async what => {
    world.shop.weather(new RegExp(`^POST .*${what}$`), 'fault')
    await expect(subscribe(world.selling, alice, pro)).rejects.toMatchObject({ code: 'billing_unavailable' })
    await subscribe(world.selling, alice, pro)
    expect([world.shop.world.customers.size, world.shop.world.prices.size]).toEqual([1, 1])
    world.shop.pay((await world.row()).checkout ?? '')
    await world.settle()
    expect(await state()).toBe('pro active')
  })

  test('is not begun by who is not known, for what is not sold, or with a coupon that is none', async () => {
    const wish = (wish: object) => subscribe(world.selling, alice, { ...pro, ...wish })
    const mallory = subscribe(world.selling, { ...alice, account: 'mallory' }, pro)
    await expect(mallory).rejects.toMatchObject({ code: 'email_unverified' })
    await expect(wish({ plan: 'free' })).rejects.toMatchObject({ code: 'plan_not_sold' })
    await expect(wish({ plan: 'enterprise' })).rejects.toMatchObject({ code: 'plan_not_sold' })
    await expect(wish({ interval: 'year' })).rejects.toMatchObject({ code: 'plan_not_sold' })
    await expect(wish({ coupon: 'NONE' })).rejects.toMatchObject({ code: 'coupon_unknown' })
    expect(world.shop.world.sessions.size).toBe(0)
  })

  test('costs what was told, a coupon taken off', async () => {
    const { stripe } = world.selling
    const coupon = await stripe.coupons.create({ percent_off: 50, duration: 'once' })
    await stripe.promotionCodes.create({ promotion: { type: 'coupon', coupon: coupon.id }, code: 'HALF' })
    expect(await preview(world.selling, 'alice', { ...pro, coupon: 'HALF' })).toEqual({
      ...{ nowCents: 1_450, discountCents: 1_450, thenCents: 2_900, currency: 'usd', at: null },
    })
    await world.buy({ ...pro, coupon: 'HALF' })
    const [bill] = world.shop.world.invoices.values()
    expect(bill?.amount_paid).toBe(1_450)
  })

  test('with a card that is declined waits for another', async () => {
    const { session, paid } = await world.buy(pro, 'insufficient_funds')
    expect([paid, await state(), await world.plan()]).toEqual(['insufficient_funds', 'pro incomplete', 'free'])
    world.shop.pay(session)
    await world.settle()
    expect(await state()).toBe('pro active')
  })

  // Mutant: only the last invoice is looked at.
  test('whose payment nobody told us of until the next one failed has the plan, and its payment is still tried', async () => {
    await subscribe(world.selling, alice, pro)
    world.shop.hold()
    world.shop.pay((await world.row()).checkout ?? '')
    world.shop.cardsOf(world.customer(), 'card_declined')
    await world.shop.advance(32 * day)
    await world.shop.release()
    await world.settle()
    expect([await state(), await world.plan()]).toEqual(['pro past_due', 'pro'])
  })

  test('that was never paid can be begun again after its day', async () => {
    const first = await subscribe(world.selling, alice, pro)
    await world.pass(day + second)
    const second_ = await subscribe(world.selling, alice, pro)
    expect(second_.checkout?.url).not.toBe(first.checkout?.url)
    world.shop.pay((await world.row()).checkout ?? '')
    await world.settle()
    expect(await state()).toBe('pro active')
  })

  test('is one at a time', async () => {
    await world.buy(pro)
    const again = subscribe(world.selling, alice, { plan: 'team', interval: 'month' })
    await expect(again).rejects.toMatchObject({ code: 'subscription_exists' })
  })

  test('that is paid twice is paid once: the second goes back', async () => {
    await subscribe(world.selling, alice, pro)
    const first = (await world.row()).checkout ?? ''
    // The first is paid at the very moment in which it is closed for another.
    await database.query('UPDATE subscription SET checkout = NULL')
    await subscribe(world.selling, alice, { plan: 'team', interval: 'month' })
    const other = (await world.row()).checkout ?? ''
    world.shop.pay(first)
    await world.settle()
    world.shop.pay(other)
    await world.settle()
    expect(await state()).toBe('pro active')
    const statuses = [...world.shop.world.subscriptions.values()].map(({ status }) => status)
    expect(statuses.sort()).toEqual(['active', 'canceled'])
    expect([...world.shop.world.refunds.values()].map(({ amount }) => amount)).toEqual([7_900])
    expect(world.logged).toContain('subscription.twice')
  })
})

describe('its owner', () => {
  test('goes to another plan for what was told, and back with the rest taken off', async () => {
    await world.buy({ plan: 'basic', interval: 'month' })
    await world.pass(10 * day)
    const told = await preview(world.selling, 'alice', pro)
    expect(told.nowCents).toBeGreaterThan(0)
    await world.shop.advance(60 * second)
    expect(await change(world.selling, alice, { ...pro, at: told.at ?? '' })).toMatchObject({ plan: 'pro' })
    const bills = [...world.shop.world.invoices.values()]
    expect(bills.at(-1)?.total).toBe(told.nowCents)
    expect(await world.plan()).toBe('pro')
    const back = await preview(world.selling, 'alice', { plan: 'basic', interval: 'month' })
    expect(back.nowCents).toBeLessThan(0)
    await change(world.selling, alice, { plan: 'basic', interval: 'month' })
    await world.settle()
    expect(await state()).toBe('basic active')
  })

  test('has the plan of before when the card for the difference is declined', async () => {
    await world.buy({ plan: 'basic', interval: 'month' })
    world.shop.cardsOf(world.customer(), 'card_declined')
    await expect(change(world.selling, alice, pro)).rejects.toMatchObject({ code: 'card_declined' })
    await world.settle()
    expect([await state(), await world.plan()]).toEqual(['basic active', 'basic'])
  })

  test('is not charged by a total from an hour ago', async () => {
    await world.buy({ plan: 'basic', interval: 'month' })
    const at = new Date(world.shop.clock() - 3_600 * second).toISOString()
    await expect(change(world.selling, alice, { ...pro, at })).rejects.toMatchObject({ code: 'price_changed' })
  })

  test('cancels, once or twice, and takes it back', async () => {
    await world.buy(pro)
    expect(await cancel(world.selling, alice)).toMatchObject({ state: 'active', cancelAtPeriodEnd: true })
    expect(await cancel(world.selling, alice)).toMatchObject({ cancelAtPeriodEnd: true })
    expect(await resume(world.selling, alice)).toMatchObject({ cancelAtPeriodEnd: false })
    await world.pass(40 * day)
    expect(await state()).toBe('pro active')
    expect(world.mails.filter(({ subject }) => subject === 'Your receipt for Spoq Pro')).toHaveLength(1)
  })

  test('of nothing can cancel nothing', async () => {
    for (const verb of [cancel, resume])
      await expect(verb(world.selling, alice)).rejects.toMatchObject({ code: 'subscription_none' })
    await subscribe(world.selling, alice, pro)
    await expect(cancel(world.selling, alice)).rejects.toMatchObject({ code: 'subscription_none' })
  })
})

describe('when it is not paid any more', () => {
  /** The month is over, and every try to collect fails. */
  async function lapse(plan: 'basic' | 'pro' | 'team') {
    await world.buy({ plan, interval: 'month' })
    world.shop.cardsOf(world.customer(), 'card_declined')
    await world.pass(31 * day + 3_700 * second)
    for (let tries = 0; (await world.row()).state === 'past_due' && tries < 40; tries++) await world.pass(day)
  }

  test('machines run on for three failures, and are suspended at the fourth; each is told by mail', async () => {
    await world.buy(pro)
    await world.machine('docker', 1)
    await world.machine('local', 2)
    world.shop.cardsOf(world.customer(), 'card_declined')
    await world.pass(31 * day + 3_700 * second)
    expect([await state(), (await world.row()).failures]).toEqual(['pro past_due', 1])
    expect(await world.holds()).toEqual([['docker'], ['local']])
    for (let days = 0; (await world.row()).state === 'past_due' && days < 40; days++) await world.pass(day)
    expect(await state()).toBe('pro grace')
    expect(await world.holds()).toEqual([['docker', 'past_due'], ['local']])
    const failed = world.mails.filter(({ subject }) => subject.includes('failed'))
    expect(failed).toHaveLength(3)
    expect(world.mails.at(-1)?.subject).toMatch(/suspended/)
  })

  describe.each(['unpaid', 'past_due'] as const)('left %s at Stripe after four failures', afterRetries => {
    /** Nothing of it is heard for so long after the fourth. */
    async function lapseUnheard(forMs: number) {
      await world.stop()
      world = await openWorld(database, { afterRetries })
      await world.buy(pro)
      world.shop.cardsOf(world.customer(), 'card_declined')
      await world.pass(31 * day + 3_600 * second)
      await world.pass(12 * day)
      expect([await state(), (await world.row()).failures]).toEqual(['pro past_due', 3])
      world.shop.hold()
      // The last try comes nine days after the third.
      await world.shop.advance(9 * day)
      const failed = world.shop.clock()
      await world.shop.advance(forMs)
      await world.shop.release()
      await world.settle()
      expect(await state()).toBe('pro grace')
      return { graceMs: ((await world.row()).grace_until?.getTime() ?? 0) - failed }
    }

    test('it has its seven days from the fourth on, however late that was heard', async () => {
      expect(await lapseUnheard(3 * day)).toEqual({ graceMs: 7 * day })
    })

    test('it has a day to pay after a backend was away for eight', async () => {
      expect(await lapseUnheard(8 * day)).toEqual({ graceMs: 9 * day })
      expect(world.mails.at(-1)?.subject).toMatch(/suspended/)
      await world.pass(day - second)
      expect(await state()).toBe('pro grace')
      await world.pass(second)
      expect(await state()).toBe('pro frozen')
    })

    test('the next period, with an invoice of its own, begins nothing anew', async () => {
      await lapseUnheard(second)
      await world.pass(8 * day)
      expect(await state()).toBe('pro frozen')
    })
  })

  test('a payment in the grace brings all back', async () => {
    await world.buy(pro)
    await world.machine('docker', 1)
    await cancel(world.selling, alice)
    await world.pass(31 * day + second)
    expect(await state()).toBe('pro grace')
    await world.pass(6 * day)
    await world.buy(pro)
    expect([await state(), await world.plan(), await world.holds()]).toEqual(['pro active', 'pro', [['docker']]])
  })

  test.each(['basic', 'pro', 'team'] as const)('%s: the grace lasts for 7 days, to the second', async plan => {
    await world.buy({ plan, interval: 'month' })
    await cancel(world.selling, alice)
    const { period_end } = await world.row()
    await world.pass((period_end?.getTime() ?? 0) - world.shop.clock())
    expect(await state()).toBe(`${plan} grace`)
    await world.pass(7 * day - second)
    expect(await state()).toBe(`${plan} grace`)
    await world.pass(second)
    expect(await state()).toBe(plan === 'basic' ? 'basic ended' : `${plan} frozen`)
    await world.pass(second)
    expect(await state()).toBe(plan === 'basic' ? 'basic ended' : `${plan} frozen`)
  })

  test('team falls to the free plan: what is over its limits is kept for 30 days, then ends', async () => {
    await world.buy({ plan: 'team', interval: 'month' })
    for (const [at, provider] of (['hetzner', 'docker', 'docker'] as const).entries())
      await world.machine(provider, at + 1)
    await cancel(world.selling, alice)
    await world.pass(31 * day + second)
    expect(await world.holds()).toEqual([
      ['hetzner', 'past_due'],
      ['docker', 'past_due'],
      ['docker', 'past_due'],
    ])
    await world.pass(7 * day)
    expect([await state(), await world.plan()]).toEqual(['team frozen', 'free'])
    expect(await world.holds()).toEqual([['hetzner', 'past_due'], ['docker'], ['docker', 'past_due']])
    await world.pass(30 * day)
    expect(await state()).toBe('team ended')
    expect(await world.holds()).toEqual([['hetzner', 'past_due', 'ends'], ['docker'], ['docker', 'past_due', 'ends']])
  })

  test('basic ends with its machines, each after its final backup', async () => {
    await world.machine('docker', 1)
    await lapse('basic')
    expect(await state()).toBe('basic grace')
    await world.pass(7 * day)
    expect([await state(), await world.plan()]).toEqual(['basic ended', 'free'])
    expect(await world.holds()).toEqual([['docker', 'past_due', 'ends']])
    expect(world.mails.at(-1)?.subject).toMatch(/is over|ends on/)
  })

  test('what is frozen comes back with a new subscription', async () => {
    await world.buy({ plan: 'team', interval: 'month' })
    for (const at of [1, 2]) await world.machine('docker', at)
    await cancel(world.selling, alice)
    await world.pass(31 * day + second)
    await world.pass(20 * day)
    expect(await world.holds()).toEqual([['docker'], ['docker', 'past_due']])
    await world.buy({ plan: 'team', interval: 'month' })
    expect([await state(), await world.holds()]).toEqual(['team active', [['docker'], ['docker']]])
  })

  test('a plan with fewer machines suspends the newest of them', async () => {
    await world.buy({ plan: 'team', interval: 'month' })
    for (const at of [1, 2]) await world.machine('docker', at)
    await change(world.selling, alice, pro)
    expect(await world.holds()).toEqual([['docker'], ['docker', 'past_due']])
    await change(world.selling, alice, { plan: 'team', interval: 'month' })
    expect(await world.holds()).toEqual([['docker'], ['docker']])
  })
})
