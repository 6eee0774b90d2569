// Webhooks: signed, sent until they are taken, and whatever the test's hand does with them.

import Stripe from 'stripe'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Receiver, receiveWebhooks } from '../receiver.ts'
import { newYear, openShop, pinned } from './test-shop.ts'

let shop: Awaited<ReturnType<typeof openShop>>
let receiver: Receiver
let secret: string
beforeEach(async () => {
  shop = await openShop()
  receiver = await receiveWebhooks('stripe-signature')
  const endpoint = await shop.sdk.webhookEndpoints.create({
    url: `${receiver.url}/hook`,
    enabled_events: ['customer.created', 'customer.updated', 'invoice.paid'],
    api_version: pinned,
  })
  secret = endpoint.secret ?? ''
})
afterEach(async () => {
  expect(shop.stripe.invalid).toEqual([])
  await shop.stripe.stop()
  await receiver.stop()
})

const opened = (n: number, at = newYear / 1000, tolerance?: number) => {
  const { body = '', signature = '' } = receiver.received[n] ?? {}
  return shop.sdk.webhooks.constructEvent(body, signature, secret, tolerance, undefined, at * 1000)
}

test('the secret is told once, and signs what was asked for', async () => {
  const { data } = await shop.sdk.webhookEndpoints.list()
  expect(data[0]).not.toHaveProperty('secret')
  const customer = await shop.sdk.customers.create({ name: 'A' }, { idempotencyKey: 'key-1' })
  await shop.sdk.products.create({ name: 'not asked for' })
  await shop.stripe.settled()
  expect(receiver.types()).toEqual(['customer.created'])
  const event = opened(0)
  expect(event).toMatchObject({
    api_version: pinned,
    data: { object: { id: customer.id } },
    request: { idempotency_key: 'key-1' },
  })
  expect(await shop.sdk.events.retrieve(event.id)).toMatchObject({ id: event.id, pending_webhooks: 0 })
})

test('what is not taken is sent again, the same event, signed anew', async () => {
  receiver.answers.push(500, 302)
  await shop.sdk.customers.create({})
  await shop.stripe.settled()
  await shop.stripe.advance(10_000)
  expect(receiver.received).toHaveLength(2)
  await shop.stripe.advance(60_000)
  await shop.stripe.advance(3600_000)
  expect(receiver.received).toHaveLength(3)
  const ids = receiver.received.map(({ body }) => JSON.parse(body).id)
  expect(new Set(ids).size).toBe(1)
  expect(new Set(receiver.received.map(({ signature }) => signature)).size).toBe(3)
  expect(shop.stripe.deliveries.at(-1)?.answers).toEqual([500, 302, 200])
})

test('with a beat, what is due is done by itself', async () => {
  await shop.stripe.stop()
  shop = await openShop({ beatMs: 10 })
  const { url } = receiver
  await shop.sdk.webhookEndpoints.create({ url, enabled_events: ['*'], api_version: pinned })
  receiver.answers.push(500)
  await shop.sdk.customers.create({})
  await shop.stripe.settled()
  shop.time.now += 10_000
  await expect.poll(() => receiver.types()).toEqual(['customer.created', 'customer.created'])
})

test('they can be held back, turned round and repeated', async () => {
  shop.stripe.hold()
  const { id } = await shop.sdk.customers.create({})
  await shop.sdk.customers.update(id, { name: 'B' })
  await shop.stripe.settled()
  expect(receiver.received).toEqual([])
  await shop.stripe.release(held => held.toReversed())
  expect(receiver.types()).toEqual(['customer.updated', 'customer.created'])
  const [event] = shop.stripe.eventsOf('customer.created')
  if (!event) throw new Error('no event')
  expect(await shop.stripe.send(event)).toBe(200)
  expect(opened(2).id).toBe(opened(1).id)
})

test('an update tells what was there before', async () => {
  const { id } = await shop.sdk.customers.create({ name: 'A' })
  await shop.sdk.customers.update(id, { name: 'B' })
  await shop.sdk.customers.update(id, { name: 'B' })
  await shop.stripe.settled()
  expect(receiver.types()).toEqual(['customer.created', 'customer.updated'])
  expect(opened(1).data.previous_attributes).toEqual({ name: 'A' })
})

test('forged, altered, cut off and stale ones do not pass the official check', async () => {
  await shop.sdk.customers.create({})
  await shop.stripe.settled()
  const [event] = shop.stripe.eventsOf('customer.created')
  if (!event) throw new Error('no event')
  await shop.stripe.send(event, { secret: 'whsec_other' })
  await shop.stripe.send(event, { alter: body => body.replace('customer.created', 'invoice.paid') })
  await shop.stripe.send(event, { alter: body => body.slice(0, -20) })
  await shop.stripe.send(event, { at: newYear / 1000 - 301 })
  for (const n of [1, 2, 3, 4])
    expect(() => opened(n), `the ${n}.`).toThrow(Stripe.errors.StripeSignatureVerificationError)
})

// Facts about the SDK, for which a receiver needs a check of its own.
test('the official check takes what is dated ahead, and everything with a tolerance of 0', async () => {
  await shop.sdk.customers.create({})
  await shop.stripe.settled()
  const [event] = shop.stripe.eventsOf('customer.created')
  if (!event) throw new Error('no event')
  await shop.stripe.send(event, { at: newYear / 1000 + 3_600 })
  await shop.stripe.send(event, { at: newYear / 1000 - 86_400 })
  expect(opened(1).id).toBe(event.id)
  expect(() => opened(2)).toThrow(Stripe.errors.StripeSignatureVerificationError)
  expect(opened(2, newYear / 1000, 0).id).toBe(event.id)
})

test('whoever hangs is given up and asked again', async () => {
  await receiver.stop()
  await shop.sdk.customers.create({})
  await shop.stripe.settled()
  expect(shop.stripe.deliveries.at(-1)?.answers).toEqual([0])
})
