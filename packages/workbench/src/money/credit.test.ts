import { createHmac } from 'node:crypto'
import { give } from '@spoq/server/credit/give'
import { listMovements, showTopUp } from '@spoq/server/credit/show'
import { changeWhile } from '@spoq/server/credit/store'
import { topUp } from '@spoq/server/credit/top-up'
import type { Database } from '@spoq/server/db/open'
import { emptyTables, testDatabase } from '@spoq/server/db/test-database'
import { emptyLedger } from '@spoq/server/ledger/test-ledger'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { alice, type CreditWorld, day, hour, openCreditWorld, second } from './credit-world.ts'

let database: Database
let world: CreditWorld
beforeAll(async () => {
  database = await testDatabase()
})
beforeEach(async () => {
  await emptyTables(database, 'account')
  await emptyLedger(database)
  world = await openCreditWorld(database)
})
afterEach(async () => {
  expect(await world.findings()).toEqual([])
  expect([...world.shop.invalid, ...world.coins.invalid]).toEqual([])
  await world.stop()
})
afterAll(() => database.close())

const card = { cents: 2_000, method: 'card' } as const

describe('a top-up by card', () => {
  test('is credit once it is paid, with a receipt and its record', async () => {
    const { id, session } = await world.begin()
    const shown = await showTopUp(world.credit, 'alice', id)
    expect(shown).toMatchObject({ state: 'waiting', url: expect.stringMatching(/^http/), cents: 2_000 })
    await world.settle()
    expect([await world.available(), await world.state(id)]).toEqual([0, 'waiting'])
    world.shop.pay(session)
    await world.settle()
    expect([await world.available(), await world.state(id)]).toEqual([20, 'paid'])
    expect(world.mails.map(({ subject }) => subject)).toEqual(['Receipt: $20.00 of Spoq credit'])
    expect(world.mails[0]?.html).toContain(id)
    const records = await database.db.selectFrom('audit_record').select(['action', 'to_state']).orderBy('id').execute()
    expect(records.map(({ action, to_state }) => `${action} ${to_state}`)).toEqual([
      'credit.begin 2000 cents by card',
      'credit.top-up paid',
    ])
    expect(await listMovements(world.credit, 'alice', undefined)).toMatchObject({
      movements: [{ kind: 'top_up', amount: '20.000000', balanceAfter: '20.000000' }],
      next: null,
    })
  })

  test('is one for a key, also when many ask at once; another body with it is refused', async () => {
    const key = 'key-0123456789'
    const asked = Array.from({ length: 5 }, () => topUp(world.credit, alice, card, key))
    const ids = new Set((await Promise.all(asked)).map(({ id }) => id))
    expect([ids.size, world.shop.world.sessions.size]).toEqual([1, 1])
    const other = topUp(world.credit, alice, { ...card, cents: 2_001 }, key)
    await expect(other).rejects.toMatchObject({ code: 'idempotency_mismatch' })
    // Somebody else's key of the same text is another one.
    const bob = await topUp(world.credit, { ...alice, account: 'bob' }, card, key)
    expect(ids).not.toContain(bob.id)
  })

  test('that is paid is not waited for again by whoever was slow to ask for it', async () => {
    const { id, session } = await world.begin()
    const slow = await world.row(id)
    world.shop.pay(session)
    await world.settle()
    await changeWhile(database.db, slow, { next_at: slow.next_at }, world.shop.clock())
    expect(await world.row(id)).toMatchObject({ state: 'paid', next_at: null })
  })

  test('is credited once, though several find at once that it is paid', async () => {
    const { id, session } = await world.begin()
    world.shop.pay(session)
    await Promise.all(Array.from({ length: 5 }, () => world.read(session)))
    expect([await world.state(id), await world.kinds(), world.mails.length]).toEqual(['paid', ['top_up'], 1])
  })

  test('is kept or lost as a whole: money, row, record and receipt', async () => {
    const { id, session } = await world.begin()
    world.shop.pay(session)
    await world.shop.settled()
    const cut = { ...world.credit.mail, put: () => Promise.reject(new Error('the process died')) }
    await expect(world.read(session, { mail: cut })).rejects.toThrow('died')
    expect([await world.state(id), await world.kinds(), await world.count('audit_record')]).toEqual(['waiting', [], 1])
    await world.settle()
    expect([await world.state(id), await world.kinds(), await world.count('audit_record')]).toEqual([
      ...['paid', ['top_up'], 2],
    ])
  })

  test('is one of twenty that wait at most', async () => {
    for (let at = 0; at < 20; at++) await world.begin(2_000, `key-of-number-${at}`)
    await expect(world.begin()).rejects.toMatchObject({ code: 'rate_limited' })
    await world.begin(2_000, 'key-of-number-0')
    expect(await world.count('top_up')).toBe(20)
  })

  test('is one though the answer was lost', async () => {
    world.shop.weather(/checkout\/sessions$/, 'lost', 'lost', 'lost')
    const key = 'key-0123456789'
    await expect(topUp(world.credit, alice, card, key)).rejects.toMatchObject({ code: 'billing_unavailable' })
    expect([world.shop.world.sessions.size, await world.count('top_up')]).toEqual([1, 1])
    const again = await world.begin(2_000, key)
    world.shop.pay(again.session)
    await world.settle()
    expect([world.shop.world.sessions.size, await world.available()]).toEqual([1, 20])
  })

  test('whose answer was lost for good is over after a day', async () => {
    world.shop.weather(/checkout\/sessions$/, 'lost', 'lost', 'lost')
    await expect(topUp(world.credit, alice, card, undefined)).rejects.toMatchObject({ code: 'billing_unavailable' })
    await world.pass(day)
    const [row] = await database.db.selectFrom('top_up').select(['state', 'next_at']).execute()
    expect(row).toEqual({ state: 'expired', next_at: null })
  })

  test('with a card that is declined waits for another, and is over when nobody comes', async () => {
    const { id, session } = await world.begin()
    expect(world.shop.pay(session, 'insufficient_funds')).toBe('insufficient_funds')
    await world.settle()
    expect(await world.state(id)).toBe('waiting')
    world.shop.abandon(session)
    await world.settle()
    expect([await world.state(id), await world.available()]).toEqual(['expired', 0])
  })

  test('by a bank debit is credit when that is settled, and failed when it is not', async () => {
    const good = await world.begin()
    const bad = await world.begin()
    for (const { session } of [good, bad]) world.shop.pay(session, 'bank_debit')
    await world.settle()
    expect([await world.state(good.id), await world.state(bad.id), await world.available()]).toEqual([
      ...['waiting', 'waiting', 0],
    ])
    world.shop.settle(good.session, true)
    world.shop.settle(bad.session, false)
    await world.settle()
    expect([await world.state(good.id), await world.state(bad.id), await world.available()]).toEqual([
      ...['paid', 'failed', 20],
    ])
  })

  test.each([
    ['a cent less', { amount_total: 1_999 }],
    ['a cent more', { amount_total: 2_001 }],
    ['another currency', { currency: 'eur' }],
    ['nothing', { payment_status: 'no_payment_required', amount_total: 0 }],
  ])('with %s is looked at by a person, and is no credit', async (_, other) => {
    const { id, session } = await world.begin()
    world.shop.pay(session)
    Object.assign(world.shop.world.sessions.get(session) ?? {}, other)
    await world.settle()
    expect([await world.state(id), await world.available()]).toEqual(['review', 0])
    expect(world.logged).toContain('credit.review')
    expect(world.mails.map(({ subject }) => subject)).toEqual(['Your payment for Spoq credit is looked at'])
    await world.settle()
    expect(world.mails).toHaveLength(1)
  })

  test('is not begun by who is not known, where there are no cards, or in coins that are not named', async () => {
    const mallory = topUp(world.credit, { ...alice, account: 'mallory' }, card, undefined)
    await expect(mallory).rejects.toMatchObject({ code: 'email_unverified' })
    const off = topUp({ ...world.credit, stripe: null }, alice, card, undefined)
    await expect(off).rejects.toMatchObject({ code: 'billing_off' })
    const unnamed = topUp(world.credit, alice, { cents: 2_000, method: 'crypto' }, undefined)
    await expect(unnamed).rejects.toMatchObject({ code: 'invalid_request' })
    expect(await world.count('top_up')).toBe(0)
  })

  test("of another's is not shown", async () => {
    const { id } = await world.begin()
    await expect(showTopUp(world.credit, 'bob', id)).rejects.toMatchObject({ code: 'top_up_not_found' })
  })
})

describe("Stripe's messages", () => {
  test('in any order, number and age lead to the same credit', async () => {
    world.shop.hold()
    const { id, session } = await world.begin()
    world.shop.pay(session)
    await world.settle()
    expect(await world.state(id)).toBe('waiting')
    await world.shop.release(events => [...events, ...events].reverse())
    await world.settle()
    const [event] = world.shop.eventsOf('checkout.session.completed')
    for (let times = 0; times < 3; times++) expect(await world.shop.send(event ?? '')).toBe(200)
    await world.pass(2 * day)
    expect([await world.available(), world.mails.length, await world.kinds()]).toEqual([20, 1, ['top_up']])
  })

  test('that are forged, too old, from the future or cut off are not taken', async () => {
    const { session } = await world.begin()
    world.shop.pay(session)
    await world.settle()
    const kept = await world.count('webhook')
    const [event] = world.shop.eventsOf('checkout.session.completed')
    const at = Math.floor(world.shop.clock() / second)
    for (const forgery of [
      { secret: 'whsec_another' },
      { at: at - 301 },
      { at: at + 301 },
      { alter: (body: string) => body.slice(0, -10) },
      { alter: (body: string) => body.replace('2000', '9000') },
    ])
      expect(await world.shop.send(event ?? '', forgery)).toBe(400)
    expect(await world.count('webhook')).toBe(kept)
    expect(await world.available()).toBe(20)
  })

  test('that say it was paid are believed in nothing', async () => {
    const { id, session } = await world.begin()
    const body = JSON.stringify({
      ...{ id: 'evt_1', object: 'event', type: 'checkout.session.completed' },
      created: Math.floor(world.shop.clock() / second),
      data: { object: { id: session, object: 'checkout.session', payment_status: 'paid', amount_total: 2_000 } },
    })
    const [event] = world.shop.eventsOf('customer.created')
    expect(await world.shop.send(event ?? '', { body })).toBe(200)
    await world.settle()
    expect([await world.state(id), await world.available()]).toEqual(['waiting', 0])
  })

  test('that are lost are made up for within the hour', async () => {
    const { id, session } = await world.begin()
    world.shop.hold()
    world.shop.pay(session)
    await world.settle()
    expect(await world.state(id)).toBe('waiting')
    await world.pass(hour)
    expect([await world.state(id), await world.available()]).toEqual(['paid', 20])
  })

  test('wait while Stripe is down, and are read once it is back', async () => {
    const { id, session } = await world.begin()
    world.shop.pay(session)
    world.shop.weather(/^GET .*checkout\/sessions/, 'down', 'cut', 'busy')
    await world.settle()
    expect([await world.state(id), await world.available()]).toEqual(['waiting', 0])
    await world.pass(60 * second)
    expect([await world.state(id), await world.available()]).toEqual(['paid', 20])
  })
})

describe('money that goes back', () => {
  test('is taken off in total, in parts and once, also when it was spent already', async () => {
    const { charge } = await world.buy()
    await world.spend(1_500, 'spent-1')
    world.shop.refund({ charge, amount: 500 })
    await world.settle()
    expect(await world.available()).toBe(0)
    world.shop.refund({ charge })
    await world.settle()
    await world.settle()
    expect([await world.available(), await world.kinds()]).toEqual([-15, ['top_up', 'usage', 'refund', 'refund']])
    await expect(world.spend(1, 'spent-2')).rejects.toMatchObject({ code: 'credit_short' })
    // What comes next pays that first.
    await world.buy(3_000)
    expect(await world.available()).toBe(15)
  })

  test('comes again when the bank does not take it, and can go back once more', async () => {
    const { charge } = await world.buy()
    for (let times = 0; times < 2; times++) {
      const { id } = world.shop.refund({ charge, amount: 500 })
      await world.settle()
      expect(await world.available()).toBe(15)
      world.shop.failRefund(id)
      await world.settle()
      expect(await world.available()).toBe(20)
    }
  })

  test.each([
    [true, 5],
    [false, -15],
  ])('by a dispute is taken at once, and given back when it is won (%s)', async (won, rest) => {
    const { charge } = await world.buy()
    await world.spend(1_500, 'spent-1')
    const { id } = world.shop.dispute(charge)
    await world.settle()
    expect(await world.available()).toBe(-15)
    await expect(world.spend(1, 'spent-2')).rejects.toMatchObject({ code: 'credit_short' })
    world.shop.closeDispute(id, won)
    await world.settle()
    await world.settle()
    expect(await world.available()).toBe(rest)
  })

  test('is right in whatever order it is told, and when it is told before the payment', async () => {
    world.shop.hold()
    const { id, session } = await world.begin()
    world.shop.pay(session)
    const charge = [...world.shop.world.charges.keys()][0] ?? ''
    const dispute = world.shop.dispute(charge)
    await world.shop.release(events => events.filter(({ event }) => event.type.startsWith('charge.dispute')).reverse())
    await world.settle()
    expect([await world.state(id), await world.available()]).toEqual(['paid', 0])
    world.shop.closeDispute(dispute.id, true)
    await world.settle()
    expect(await world.available()).toBe(20)
  })

  test('of what is no credit changes none', async () => {
    const { id, session } = await world.begin()
    world.shop.pay(session)
    Object.assign(world.shop.world.sessions.get(session) ?? {}, { amount_total: 1 })
    await world.settle()
    const charge = [...world.shop.world.charges.keys()][0] ?? ''
    world.shop.refund({ charge })
    await world.settle()
    expect([await world.state(id), await world.available(), await world.kinds()]).toEqual(['review', 0, []])
  })
})

describe('an operator', () => {
  const root = { account: 'root', requestId: 'req_root' }
  const gift = { email: 'ALICE@example.com', cents: 1_234, reason: 'paid by a bank transfer' }
  beforeEach(async () => {
    await database.query(
      "INSERT INTO account (id, email, name, created_at) VALUES ('alice', 'alice@example.com', 'A', now())",
    )
  })

  test('gives credit, once for a key, with the reason in the audit alone', async () => {
    for (let times = 0; times < 2; times++) await give(world.credit, root, gift, 'key-0123456789')
    expect([await world.available(), await world.kinds(), world.mails.length]).toEqual([12.34, ['manual'], 1])
    const other = give(world.credit, root, { ...gift, cents: 1 }, 'key-0123456789')
    await expect(other).rejects.toMatchObject({ code: 'idempotency_mismatch' })
    const [told] = await database.db.selectFrom('audit_record').select(['actor', 'reason']).execute()
    expect(told).toEqual({ actor: 'account:root', reason: gift.reason })
    expect(JSON.stringify([world.mails, await listMovements(world.credit, 'alice', undefined)])).not.toContain('bank')
  })

  test('gives nobody anything who is not there', async () => {
    const nobody = give(world.credit, root, { ...gift, email: 'nobody@example.com' })
    await expect(nobody).rejects.toMatchObject({ code: 'account_not_found' })
  })
})

test('a signature is over the very bytes', async () => {
  const at = Math.floor(world.shop.clock() / second)
  const sum = createHmac('sha256', world.coins.webhookSecret).update(`${at}.{}`).digest('hex')
  const send = (body: string) =>
    fetch(`${world.webhooks}/webhooks/coinpay`, {
      ...{ method: 'POST', body, headers: { 'x-coinpay-signature': `t=${at},v1=${sum}` } },
    }).then(answer => answer.text())
  expect(await send('{ }')).toContain('its signature is wrong')
  expect(await send('{}')).toContain('it is no event')
})
