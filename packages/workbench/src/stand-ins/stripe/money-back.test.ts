// Payments without a person, refunds, disputes.

import type Stripe from 'stripe'
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

async function charged(amount = 1_000) {
  const customer = await shop.sdk.customers.create({})
  const payment_method = shop.stripe.card(customer.id)
  const intent = await shop.sdk.paymentIntents.create({
    amount,
    currency: 'usd',
    customer: customer.id,
    payment_method,
    confirm: true,
    off_session: true,
    metadata: { account: 'acct_1' },
    expand: ['latest_charge.balance_transaction'],
  })
  return { intent, charge: intent.latest_charge as Stripe.Charge }
}

test('a kept card is charged without a person, the fee known', async () => {
  const { intent, charge } = await charged()
  expect(intent).toMatchObject({ status: 'succeeded', amount_received: 1_000 })
  expect(charge.balance_transaction).toMatchObject({ amount: 1_000, fee: 59, net: 941 })
  expect(charge.metadata).toEqual({ account: 'acct_1' })
})

test('a bank that asks where nobody is: an error with the payment in it', async () => {
  const customer = await shop.sdk.customers.create({})
  const { id } = await shop.sdk.paymentMethods.attach('pm_card_authenticationRequired', { customer: customer.id })
  const create = shop.sdk.paymentIntents.create({
    amount: 1_000,
    currency: 'usd',
    customer: customer.id,
    payment_method: id,
    confirm: true,
    off_session: true,
  })
  await expect(create).rejects.toMatchObject({
    code: 'authentication_required',
    payment_intent: { status: 'requires_payment_method' },
  })
})

test('a card that its bank refuses is not kept; another one is kept and fails when it is charged', async () => {
  const { id: customer } = await shop.sdk.customers.create({})
  const keep = (card: string) => shop.sdk.paymentMethods.attach(card, { customer })
  await expect(keep('pm_card_visa_chargeDeclined')).rejects.toMatchObject({ statusCode: 402, code: 'card_declined' })
  const { id } = await keep('pm_card_chargeCustomerFail')
  expect((await shop.sdk.paymentMethods.list({ customer, type: 'card' })).data.map(one => one.id)).toEqual([id])
  const charge = { amount: 500, currency: 'usd', customer, payment_method: id, confirm: true }
  await expect(shop.sdk.paymentIntents.create(charge)).rejects.toMatchObject({ code: 'card_declined' })
})

test('a charge is refunded in parts, never more than it was', async () => {
  const { charge, intent } = await charged()
  await shop.sdk.refunds.create({ charge: charge.id, amount: 300 })
  await expect(shop.sdk.refunds.create({ charge: charge.id, amount: 701 })).rejects.toMatchObject({ param: 'amount' })
  await shop.sdk.refunds.create({ payment_intent: intent.id })
  const now = await shop.sdk.charges.retrieve(charge.id, { expand: ['refunds'] })
  expect(now).toMatchObject({ amount_refunded: 1_000, refunded: true })
  expect(now.refunds?.data).toHaveLength(2)
  await expect(shop.sdk.refunds.create({ charge: charge.id })).rejects.toMatchObject({
    code: 'charge_already_refunded',
  })
  expect(shop.stripe.eventsOf('charge.refunded')).toHaveLength(2)
})

test('a refund that the bank does not take is told, and may be made again', async () => {
  const { charge } = await charged()
  const refund = await shop.sdk.refunds.create({ charge: charge.id })
  shop.stripe.failRefund(refund.id)
  expect(await shop.sdk.refunds.retrieve(refund.id)).toMatchObject({ status: 'failed' })
  expect(await shop.sdk.charges.retrieve(charge.id)).toMatchObject({ amount_refunded: 0, refunded: false })
  expect((await shop.sdk.refunds.create({ charge: charge.id })).amount).toBe(1_000)
})

test.each([true, false])('a dispute takes the money; it comes back only when it is won: %s', async won => {
  const { charge } = await charged()
  const dispute = shop.stripe.dispute(charge.id)
  expect(await shop.sdk.charges.retrieve(charge.id)).toMatchObject({ disputed: true })
  await expect(shop.sdk.refunds.create({ charge: charge.id })).rejects.toMatchObject({ code: 'charge_disputed' })
  shop.stripe.closeDispute(dispute.id, won)
  const closed = await shop.sdk.disputes.retrieve(dispute.id)
  expect(closed.status).toBe(won ? 'won' : 'lost')
  const moved = closed.balance_transactions.map(({ amount }) => amount)
  expect(moved).toEqual(won ? [-1_000, 1_000] : [-1_000])
  const told = ['created', 'funds_withdrawn', 'closed', 'funds_reinstated'].map(
    type => shop.stripe.eventsOf(`charge.dispute.${type}`).length,
  )
  expect(told).toEqual([1, 1, 1, won ? 1 : 0])
})

test('the charge of an invoice is found by its payments, four levels deep and no deeper', async () => {
  const customer = await shop.sdk.customers.create({})
  shop.stripe.card(customer.id)
  const create = { customer: customer.id, items: [{ price: shop.prices.pro.id }] }
  const deep = shop.sdk.subscriptions.create({
    ...create,
    expand: ['latest_invoice.payments.data.payment.payment_intent'],
  })
  await expect(deep).rejects.toMatchObject({ param: 'expand' })
  const { latest_invoice: id } = await shop.sdk.subscriptions.create(create)
  const expand = ['payments.data.payment.payment_intent']
  const invoice = await shop.sdk.invoices.retrieve(String(id), { expand })
  const intent = invoice.payments?.data[0]?.payment.payment_intent as Stripe.PaymentIntent
  expect(intent.latest_charge).toBe(shop.stripe.chargeOf(invoice.id ?? ''))
  const payment = { type: 'payment_intent', payment_intent: intent.id } as const
  const back = await shop.sdk.invoicePayments.list({ payment, expand: ['data.invoice'] })
  expect(back.data).toMatchObject([{ invoice: { id: invoice.id } }])
  expect(shop.stripe.world.subscriptions.size).toBe(1)
})

test('a way to the portal is made for a customer that is there', async () => {
  const customer = await shop.sdk.customers.create({})
  const portal = await shop.sdk.billingPortal.sessions.create({
    customer: customer.id,
    return_url: 'http://127.0.0.1/b',
  })
  expect(await (await fetch(portal.url)).text()).toContain('http://127.0.0.1/b')
  await expect(shop.sdk.billingPortal.sessions.create({ customer: 'cus_x' })).rejects.toMatchObject({
    code: 'resource_missing',
  })
})
