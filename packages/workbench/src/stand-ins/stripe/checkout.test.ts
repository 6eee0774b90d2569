// Checkout: subscriptions, payments and cards for later.

import { afterEach, beforeEach, expect, test } from 'vitest'
import { openShop } from './test-shop.ts'

let shop: Awaited<ReturnType<typeof openShop>>
beforeEach(async () => {
  shop = await openShop()
})
afterEach(async () => {
  expect(shop.stripe.invalid).toEqual([])
  await shop.stripe.stop()
})

const order = (more: object = {}) =>
  shop.sdk.checkout.sessions.create({
    mode: 'subscription',
    client_reference_id: 'order_1',
    line_items: [{ price: shop.prices.pro.id, quantity: 1 }],
    subscription_data: { metadata: { account: 'acct_1' } },
    metadata: { order: '1' },
    success_url: 'http://127.0.0.1/done?session={CHECKOUT_SESSION_ID}',
    cancel_url: 'http://127.0.0.1/back',
    ...more,
  })
const topUp = (more: object = {}) =>
  shop.sdk.checkout.sessions.create({
    mode: 'payment',
    line_items: [
      { price_data: { currency: 'usd', unit_amount: 2_500, product_data: { name: 'Spoq credit' } }, quantity: 1 },
    ],
    payment_intent_data: { metadata: { order: '2' } },
    success_url: 'http://127.0.0.1/done',
    ...more,
  })

test('a session that is paid has a subscription, active for a month, and its invoice', async () => {
  const customer = await shop.sdk.customers.create({ email: 'a@example.com', metadata: { account: 'acct_1' } })
  const session = await order({ customer: customer.id })
  expect(session).toMatchObject({ status: 'open', payment_status: 'unpaid', amount_total: 2_900, subscription: null })
  expect(shop.stripe.pay(session.id)).toBe('complete')

  const done = await shop.sdk.checkout.sessions.retrieve(session.id, {
    expand: ['subscription.latest_invoice.payments', 'line_items', 'invoice'],
  })
  expect(done).toMatchObject({
    status: 'complete',
    payment_status: 'paid',
    client_reference_id: 'order_1',
    subscription: { status: 'active', metadata: { account: 'acct_1' }, latest_invoice: { amount_paid: 2_900 } },
  })
  const { subscription } = done
  if (typeof subscription !== 'object' || !subscription) throw new Error('not expanded')
  expect(subscription).not.toHaveProperty('current_period_end')
  expect(subscription.items.data[0]?.current_period_end).toBe(Date.UTC(2026, 1, 1, 12) / 1000)
  const { latest_invoice: invoice } = subscription
  if (typeof invoice !== 'object' || !invoice) throw new Error('not expanded')
  expect(invoice).not.toHaveProperty('payment_intent')
  expect(invoice).not.toHaveProperty('subscription')
  expect(invoice.parent?.subscription_details?.subscription).toBe(subscription.id)
  expect(invoice.payments?.data[0]).toMatchObject({ status: 'paid', amount_paid: 2_900 })
})

test('what happens when a session is paid is told once each, the subscription before its payment', async () => {
  const session = await order()
  shop.stripe.pay(session.id)
  const { data } = await shop.sdk.events.list({ limit: 100 })
  const types: string[] = data.map(({ type }) => type).reverse()
  const first = (type: string) => types.indexOf(type)
  expect(first('customer.subscription.created')).toBeLessThan(first('invoice.paid'))
  expect(first('invoice.paid')).toBeLessThan(first('checkout.session.completed'))
  for (const type of ['invoice.paid', 'checkout.session.completed', 'customer.created', 'charge.succeeded'])
    expect(types.filter(one => one === type)).toHaveLength(1)
})

test('a card that is declined leaves the session open, and another card pays', async () => {
  const session = await topUp()
  expect(shop.stripe.pay(session.id, 'insufficient_funds')).toBe('insufficient_funds')
  const open = await shop.sdk.checkout.sessions.retrieve(session.id, { expand: ['payment_intent'] })
  expect(open).toMatchObject({
    status: 'open',
    payment_intent: {
      status: 'requires_payment_method',
      last_payment_error: { code: 'card_declined', decline_code: 'insufficient_funds' },
    },
  })
  expect(shop.stripe.pay(session.id)).toBe('complete')
  const paid = await shop.sdk.checkout.sessions.retrieve(session.id, { expand: ['payment_intent.latest_charge'] })
  expect(paid).toMatchObject({
    payment_status: 'paid',
    payment_intent: { amount_received: 2_500, metadata: { order: '2' }, latest_charge: { paid: true } },
  })
})

test('a bank that asks is answered, or not', async () => {
  const session = await topUp()
  expect(shop.stripe.pay(session.id, 'authentication_required')).toBe('requires_action')
  expect((await shop.sdk.checkout.sessions.retrieve(session.id)).status).toBe('open')
  expect(shop.stripe.pay(session.id, 'authentication_required', true)).toBe('complete')
})

test.each([true, false])('a bank debit is settled after days: %s', async succeeded => {
  const session = await topUp()
  shop.stripe.pay(session.id, 'bank_debit')
  expect(await shop.sdk.checkout.sessions.retrieve(session.id)).toMatchObject({
    status: 'complete',
    payment_status: 'unpaid',
  })
  shop.stripe.settle(session.id, succeeded)
  const { payment_status } = await shop.sdk.checkout.sessions.retrieve(session.id)
  expect(payment_status).toBe(succeeded ? 'paid' : 'unpaid')
  const type = `checkout.session.async_payment_${succeeded ? 'succeeded' : 'failed'}`
  expect(shop.stripe.eventsOf(type)).toHaveLength(1)
})

test('a session expires after a day, or when it is told to', async () => {
  const left = await order()
  const ended = await order()
  expect((await shop.sdk.checkout.sessions.expire(ended.id)).status).toBe('expired')
  await shop.stripe.advance(24 * 3600_000 - 1_000)
  expect((await shop.sdk.checkout.sessions.retrieve(left.id)).status).toBe('open')
  await shop.stripe.advance(1_000)
  expect(await shop.sdk.checkout.sessions.retrieve(left.id)).toMatchObject({ status: 'expired', url: null })
  expect(shop.stripe.eventsOf('checkout.session.expired')).toHaveLength(2)
  await expect(shop.sdk.checkout.sessions.expire(left.id)).rejects.toMatchObject({ statusCode: 400 })
  expect(() => shop.stripe.pay(left.id)).toThrow(/expired/)
})

test('a card is kept by a session without a payment', async () => {
  const customer = await shop.sdk.customers.create({ email: 'a@example.com' })
  const session = await shop.sdk.checkout.sessions.create({
    mode: 'setup',
    currency: 'usd',
    customer: customer.id,
    success_url: 'http://127.0.0.1/done',
  })
  shop.stripe.pay(session.id)
  const done = await shop.sdk.checkout.sessions.retrieve(session.id, { expand: ['setup_intent'] })
  expect(done).toMatchObject({ payment_status: 'no_payment_required', setup_intent: { status: 'succeeded' } })
  const { data } = await shop.sdk.customers.listPaymentMethods(customer.id)
  expect(data).toHaveLength(1)
  await shop.sdk.paymentMethods.detach(data[0]?.id ?? '')
  expect((await shop.sdk.customers.listPaymentMethods(customer.id)).data).toHaveLength(0)
})

test('a price that is made for one session is billed again each month', async () => {
  const rental = { currency: 'usd', unit_amount: 1_234, product_data: { name: 'VPS' } }
  const session = await order({
    line_items: [{ price_data: { ...rental, recurring: { interval: 'month' } }, quantity: 1 }],
  })
  shop.stripe.pay(session.id)
  await shop.stripe.advance(31 * 86_400_000 + 3_600_000)
  const { data } = await shop.sdk.invoices.list()
  expect(data.map(({ amount_paid }) => amount_paid)).toEqual([1_234, 1_234])
  expect(data[0]?.lines.data[0]?.description).toBe('1 × VPS')
})

test('what costs nothing is complete without a payment', async () => {
  const coupon = await shop.sdk.coupons.create({ percent_off: 100, duration: 'forever' })
  const session = await order({ discounts: [{ coupon: coupon.id }] })
  shop.stripe.pay(session.id)
  const done = await shop.sdk.checkout.sessions.retrieve(session.id, { expand: ['subscription'] })
  expect(done).toMatchObject({ payment_status: 'no_payment_required', subscription: { status: 'active' } })
  expect(shop.stripe.world.charges.size).toBe(0)
})

test('a code takes its part off the session, off the first invoice, and no more', async () => {
  const coupon = await shop.sdk.coupons.create({ percent_off: 33.3, duration: 'once' })
  await shop.sdk.promotionCodes.create({ promotion: { type: 'coupon', coupon: coupon.id }, code: 'THIRD' })
  const { data } = await shop.sdk.promotionCodes.list({ code: 'third', active: true })
  const session = await order({ discounts: [{ promotion_code: data[0]?.id }] })
  expect(session).toMatchObject({
    amount_subtotal: 2_900,
    amount_total: 1_934,
    total_details: { amount_discount: 966 },
  })
  shop.stripe.pay(session.id)
  await shop.stripe.advance(32 * 86_400_000)
  const invoices = await shop.sdk.invoices.list()
  expect(invoices.data.map(({ amount_paid }) => amount_paid)).toEqual([2_900, 1_934])
})

test.each([
  ['payment_method_types is not taken any more', { payment_method_types: ['card'] }, 'payment_method_types'],
  ['a price that is not there', { line_items: [{ price: 'price_x', quantity: 1 }] }, 'line_items[0][price]'],
  ['a code that is not there', { discounts: [{ promotion_code: 'promo_x' }] }, 'discounts[0][promotion_code]'],
  ['data for another mode', { payment_intent_data: { description: 'x' } }, 'payment_intent_data'],
  ['an end that is too far away', { expires_at: 1_900_000_000 }, 'expires_at'],
])('%s is refused, and nothing is made', async (_, wrong, param) => {
  await expect(order(wrong)).rejects.toMatchObject({ type: 'StripeInvalidRequestError', statusCode: 400, param })
  expect(shop.stripe.world.sessions.size).toBe(0)
})

test("the session's page takes a card and leads back", async () => {
  const session = await topUp({ success_url: 'http://127.0.0.1/done?session={CHECKOUT_SESSION_ID}' })
  const page = await (await fetch(String(session.url))).text()
  expect(page).toContain('25.00 usd')
  const body = new URLSearchParams({ card: 'works' })
  const paid = await fetch(String(session.url), { method: 'POST', body, redirect: 'manual' })
  expect(paid.headers.get('location')).toBe(`http://127.0.0.1/done?session=${session.id}`)
  expect((await fetch(String(session.url))).status).toBe(410)
})
