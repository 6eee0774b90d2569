import { listReviews, settleReview } from '@spoq/server/credit/review'
import { topUp } from '@spoq/server/credit/top-up'
import type { Database } from '@spoq/server/db/open'
import { emptyTables, testDatabase } from '@spoq/server/db/test-database'
import { emptyLedger } from '@spoq/server/ledger/test-ledger'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { alice, type CreditWorld, hour, minute, openCreditWorld, second } from './credit-world.ts'

let database: Database
let world: CreditWorld
beforeAll(async () => {
  database = await testDatabase()
})
beforeEach(async () => {
  await emptyTables(database)
  await emptyLedger(database)
  world = await openCreditWorld(database)
})
afterEach(async () => {
  expect(await world.findings()).toEqual([])
  expect([...world.shop.invalid, ...world.coins.invalid]).toEqual([])
  await world.stop()
})
afterAll(() => database.close())

const outcome = async (id: string) => [await world.state(id), await world.available()]
const note = async (id: string) => (await world.row(id)).note

describe('a top-up in coins', () => {
  test('is credit once it is confirmed, and not again once it is forwarded', async () => {
    const { id, payment, address, coins } = await world.order()
    expect([coins, address]).toEqual(['0.00050000', expect.stringMatching(/^addr_/)])
    await world.coins.seen(payment, { confirmations: 3 })
    await world.settle()
    expect(await outcome(id)).toEqual(['paid', 25])
    await world.coins.forwarded(payment)
    await world.coins.webhook(payment)
    await world.settle()
    expect([await outcome(id), await world.kinds(), world.mails.length]).toEqual([['paid', 25], ['top_up'], 1])
  })

  test('that was told of first as forwarded is credit as well', async () => {
    const { id, payment } = await world.order(2_500, 'SOL')
    world.coins.silent = true
    await world.coins.seen(payment, { confirmations: 32 })
    world.coins.silent = false
    await world.coins.forwarded(payment)
    await world.settle()
    expect(await outcome(id)).toEqual(['paid', 25])
  })

  test.each([
    ['BTC', 3],
    ['BCH', 6],
    ['ETH', 12],
    ['POL', 128],
    ['SOL', 32],
  ] as const)('on %s needs %i confirmations, whatever is enough for them', async (chain, needed) => {
    const { id, payment } = await world.order(2_500, chain)
    await world.coins.seen(payment, { confirmations: needed - 1 })
    await world.settle()
    expect(await outcome(id)).toEqual(['waiting', 0])
    // Nobody tells of each: it is looked at each minute.
    world.coins.silent = true
    await world.coins.seen(payment, { confirmations: needed })
    await world.pass(minute)
    expect(await outcome(id)).toEqual(['paid', 25])
  })

  test('that never has enough confirmations is looked at by a person an hour after its window, no sooner', async () => {
    const { id, payment } = await world.order()
    await world.coins.seen(payment)
    await world.pass(15 * minute + hour - second)
    expect(await outcome(id)).toEqual(['waiting', 0])
    await world.pass(minute)
    expect(await outcome(id)).toEqual(['review', 0])
    expect(world.mails.map(({ subject }) => subject)).toEqual(['Your payment for Spoq credit is looked at'])
    expect(world.logged).toContain('credit.review')
  })

  test('that nobody pays is over, and paid after that it is for a person', async () => {
    const { id, payment } = await world.order()
    await world.pass(16 * minute)
    expect(await outcome(id)).toEqual(['expired', 0])
    await world.coins.seen(payment, { confirmations: 6 })
    await world.settle()
    expect([await outcome(id), await note(id)]).toEqual([['review', 0], 'it was paid too late'])
  })

  test('that is paid late, and nobody tells of it, is found all the same', async () => {
    const { id, payment } = await world.order()
    await world.pass(16 * minute)
    world.coins.silent = true
    await world.coins.seen(payment, { confirmations: 6 })
    await world.pass(hour)
    expect([await outcome(id), (await world.row(id)).next_at]).toEqual([['review', 0], null])
  })

  test('that nobody ever pays is looked at for a day, and no longer', async () => {
    const { id } = await world.order()
    await world.pass(20 * minute)
    for (let hours = 0; hours < 26; hours++) await world.pass(hour)
    expect([await outcome(id), (await world.row(id)).next_at]).toEqual([['expired', 0], null])
  })

  test('that failed is failed', async () => {
    const { id, payment } = await world.order()
    await world.coins.fail(payment)
    await world.settle()
    expect(await outcome(id)).toEqual(['failed', 0])
  })

  test('with too few coins is for a person', async () => {
    const { id, payment } = await world.order()
    await world.coins.seen(payment, { amount_crypto: '0.00049999', confirm: true, confirmations: 6 })
    await world.settle()
    expect(await outcome(id)).toEqual(['review', 0])
    expect(await note(id)).toBe('0.00049999 coins came, and 0.00050000 were asked for')
  })

  test.each([5e-7, '5e-7', '0.0000005'])('with next to no coins, told as %j, is for a person', async amount_crypto => {
    const { id, payment } = await world.order()
    world.coins.silent = true
    await world.coins.seen(payment, { confirm: true, confirmations: 6 })
    await world.coins.webhook(payment, { data: { amount_crypto } })
    await world.settle()
    expect(await outcome(id)).toEqual(['review', 0])
  })

  test('with too few coins that nobody confirms is for a person as well', async () => {
    const { id, payment } = await world.order()
    await world.coins.seen(payment, { amount_crypto: '0.0001', confirmations: 6 })
    await world.pass(16 * minute + hour)
    expect(await outcome(id)).toEqual(['review', 0])
  })

  test('with more coins is credit for what was ordered; the rest is for a person', async () => {
    const { id, payment } = await world.order()
    await world.coins.seen(payment, { amount_crypto: '0.001', confirmations: 6 })
    await world.settle()
    expect(await outcome(id)).toEqual(['paid', 25])
    expect([await note(id), world.logged]).toEqual([
      '0.001 coins came, and 0.00050000 were asked for',
      expect.arrayContaining(['credit.review']),
    ])
  })

  test('on another chain is for a person', async () => {
    const { id, payment } = await world.order()
    await world.coins.seen(payment, { blockchain: 'ETH', confirmations: 100 })
    await world.settle()
    expect([await outcome(id), await note(id)]).toEqual([['review', 0], 'it was paid in ETH, not in BTC'])
  })

  test.each([24.99, 25.01, 2_500])('that is about %d dollars there is for a person', async amount => {
    const { id, payment } = await world.order()
    Object.assign(world.coins.payments.get(payment) ?? {}, { amount })
    await world.coins.seen(payment, { confirmations: 6 })
    await world.settle()
    expect(await outcome(id)).toEqual(['review', 0])
  })

  test('is the same whether amounts are numbers or text there', async () => {
    world.coins.amountsAsText = true
    const { id, payment } = await world.order()
    await world.coins.seen(payment, { confirmations: 3 })
    await world.settle()
    expect(await outcome(id)).toEqual(['paid', 25])
  })

  test('is one for a key, also after a lost answer; another body with it is refused', async () => {
    const key = 'key-0123456789'
    for (const weather of ['lost', 'half', 'fault'] as const) {
      world.coins.weather(/payments\/create$/, weather)
      await expect(world.order(2_500, 'BTC', key)).rejects.toMatchObject({ code: 'billing_unavailable' })
    }
    const first = await world.order(2_500, 'BTC', key)
    const again = await world.order(2_500, 'BTC', key)
    expect([again.id, again.address, world.coins.payments.size]).toEqual([first.id, first.address, 1])
    const other = world.order(2_500, 'ETH', key)
    await expect(other).rejects.toMatchObject({ code: 'idempotency_mismatch' })
  })

  test('is not begun where no coins are taken, nor on a chain that has no wallet', async () => {
    const wish = { cents: 2_500, method: 'crypto', chain: 'BTC' } as const
    const off = topUp({ ...world.credit, coinpay: null }, alice, wish, undefined)
    await expect(off).rejects.toMatchObject({ code: 'billing_off' })
    world.coins.weather(/payments\/create$/, 'down')
    await expect(world.order()).rejects.toMatchObject({ code: 'billing_unavailable' })
  })
})

describe("CoinPayPortal's messages", () => {
  test('that are forged, of another time, or of another form are not taken', async () => {
    const { id, payment } = await world.order()
    world.coins.silent = true
    await world.coins.seen(payment, { confirmations: 3 })
    const at = Math.floor(world.shop.clock() / second)
    for (const forgery of [
      { secret: 'whsec_another' },
      { at: at - 301 },
      { at: at + 301 },
      { at: '1e9' },
      { at: `${at}x` },
      { at: ` ` },
      { at: `-${at}` },
      { alter: (body: string) => body.slice(0, -1) },
      { alter: (body: string) => body.replace('"BTC"', '"ETH"').replace('0.0005', '0.9995') },
    ])
      expect([forgery, await world.coins.webhook(payment, forgery)]).toEqual([forgery, [400, 400, 400]])
    expect([await world.count('webhook'), await world.count('stale')]).toEqual([0, 0])
    for (const late of [at - 299, at + 299]) expect(await world.coins.webhook(payment, { at: late })).toEqual([200])
    await world.settle()
    expect(await outcome(id)).toEqual(['paid', 25])
  })

  test('that say it was paid are believed in nothing', async () => {
    const { id, payment } = await world.order()
    await world.coins.webhook(payment, {
      type: 'payment.confirmed',
      data: { status: 'confirmed', confirmations: 100, amount_crypto: '0.0005' },
    })
    await world.settle()
    expect(await outcome(id)).toEqual(['waiting', 0])
  })

  test('about another payment credit nobody', async () => {
    const { id, payment } = await world.order()
    const [other] = [(await world.order(50_000)).payment]
    await world.coins.seen(other, { confirmations: 3 })
    await world.coins.webhook(payment, { type: 'payment.confirmed', data: { payment_id: 'not-ours' } })
    await world.settle()
    expect(await outcome(id)).toEqual(['waiting', 500])
    expect(world.logged).toContain('credit.unknown')
  })

  test('that come twice are kept once, and in another order lead to the same', async () => {
    const { id, payment } = await world.order()
    world.coins.silent = true
    await world.coins.seen(payment, { confirmations: 3 })
    await world.coins.forwarded(payment)
    for (const type of ['payment.forwarded', 'payment.confirmed', 'payment.confirmed'])
      expect(await world.coins.webhook(payment, { type })).toEqual([200])
    await world.settle()
    expect([await world.count('webhook'), await outcome(id), await world.kinds()]).toEqual([
      ...[2, ['paid', 25], ['top_up']],
    ])
  })

  test('that are all lost are made up for by looking', async () => {
    const { id, payment } = await world.order()
    world.coins.silent = true
    await world.coins.seen(payment, { confirmations: 3 })
    await world.pass(minute)
    expect(await outcome(id)).toEqual(['paid', 25])
  })

  test.each(['down', 'lost', 'half', 'busy', 'fault'] as const)('wait while it is away (%s)', async weather => {
    const { id, payment } = await world.order()
    await world.coins.seen(payment, { confirmations: 3 })
    world.coins.weather(/^GET /, weather)
    await world.settle()
    expect(await outcome(id)).toEqual(['waiting', 0])
    await world.pass(minute)
    expect(await outcome(id)).toEqual(['paid', 25])
  })
})

describe('a person decides about what is not just what was ordered', () => {
  const root = { account: 'root', requestId: 'req_root' }
  /** Too few coins came. */
  const doubtful = async () => {
    const { id, payment } = await world.order()
    await world.coins.seen(payment, { amount_crypto: '0.0004', confirm: true, confirmations: 3 })
    await world.settle()
    return { id, payment }
  }
  const decide = (topUp: string, cents: number | null) =>
    settleReview(world.credit, root, { topUp, cents, reason: 'looked at' })

  test('it is listed with what was ordered and what came, until then', async () => {
    const { id, payment } = await doubtful()
    expect(await listReviews(world.credit)).toEqual([
      expect.objectContaining({
        ...{ id, account: 'alice', email: 'alice@example.com', cents: 2_500, chain: 'BTC', reference: payment },
        note: '0.0004 coins came, and 0.00050000 were asked for',
      }),
    ])
    await decide(id, 2_000)
    expect(await listReviews(world.credit)).toEqual([])
  })

  // Mutants: a posting without the payment's own key; a decision that a late message opens again.
  test('so much of it is credit, once, whatever comes later', async () => {
    const { id, payment } = await doubtful()
    const both = await Promise.all([decide(id, 2_000), decide(id, 2_000)])
    expect(both.map(({ state }) => state)).toEqual(['paid', 'paid'])
    expect([await outcome(id), world.mails.at(-1)?.subject]).toEqual([['paid', 20], 'Receipt: $20.00 of Spoq credit'])
    await world.coins.forwarded(payment)
    await world.coins.webhook(payment)
    await world.settle()
    expect([await outcome(id), await world.kinds()]).toEqual([['paid', 20], ['top_up']])
    await expect(decide(id, 2_500)).rejects.toMatchObject({ code: 'top_up_settled' })
    await expect(decide(id, null)).rejects.toMatchObject({ code: 'top_up_settled' })
  })

  test('or nothing is, and the owner is told why; a late message does not open it again', async () => {
    const { id, payment } = await doubtful()
    await decide(id, null)
    expect(world.mails.at(-1)?.text).toContain('not added: looked at')
    await world.coins.webhook(payment)
    await world.settle()
    expect([await outcome(id), (await decide(id, null)).state]).toEqual([['failed', 0], 'failed'])
    const { id: paid, payment: other } = await world.order()
    await world.coins.seen(other, { confirmations: 3 })
    await world.settle()
    await expect(decide(paid, null)).rejects.toMatchObject({ code: 'top_up_settled' })
    await expect(decide('topup_0123456789abcdef0123', 1)).rejects.toMatchObject({ code: 'top_up_not_found' })
  })
})
