// Requests: keys, versions, what is refused, Idempotency-Keys, and what goes wrong on the way.

import { afterEach, beforeEach, expect, test } from 'vitest'
import { openShop, pinned, sdkOf } from './test-shop.ts'

let shop: Awaited<ReturnType<typeof openShop>>
beforeEach(async () => {
  shop = await openShop()
})
afterEach(async () => {
  expect(shop.stripe.invalid).toEqual([])
  await shop.stripe.stop()
})

const customers = () => shop.stripe.world.customers.size
const raw = (path: string, headers: Record<string, string> = {}, body?: string) =>
  fetch(`${shop.stripe.url}${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: {
      authorization: `Bearer ${shop.stripe.key}`,
      'stripe-version': pinned,
      'content-type': 'application/x-www-form-urlencoded',
      ...headers,
    },
    ...(body !== undefined && { body }),
  })

test('a wrong key is refused, and stands in no error', async () => {
  const wrong = sdkOf(shop.stripe.url, 'sk_test_wrong')
  const error = await wrong.customers.create({}).catch(thrown => thrown)
  expect(error).toMatchObject({ type: 'StripeAuthenticationError', statusCode: 401 })
  expect(JSON.stringify(error)).not.toContain('sk_test_wrong')
  expect(customers()).toBe(0)
})

test('another version than the pinned one is refused', async () => {
  expect((await raw('/v1/customers', { 'stripe-version': '2020-08-27' }, '')).status).toBe(400)
  const answer = await raw('/v1/customers', {}, 'name=A')
  expect(answer.status).toBe(200)
  expect(answer.headers.get('request-id')).toMatch(/^req_/)
})

test('what the backend does not use is not there', async () => {
  await expect(shop.sdk.quotes.create({})).rejects.toMatchObject({ statusCode: 404 })
  expect((await raw('/v1/nothing')).status).toBe(404)
})

test.each([
  ['customers', 'name=A&nme=B', 'parameter_unknown', 'nme'],
  ['customers', 'invoice_settings[x]=1', 'parameter_unknown', 'invoice_settings[x]'],
  ['prices', 'currency=usd&product=p&unit_amount=1.5', 'parameter_invalid_integer', 'unit_amount'],
  ['prices', 'product=p&unit_amount=1', 'parameter_missing', 'currency'],
  ['subscriptions', 'customer=cus_x&items[0][price]=p', 'resource_missing', 'customer'],
  ['customers', 'expand[0]=nothing', undefined, 'expand'],
])('POST /v1/%s with %s: %s', async (path, body, code, param) => {
  const answer = await raw(`/v1/${path}`, {}, body)
  expect(answer.status).toBe(400)
  const { error } = (await answer.json()) as { error: { type: string; code?: string; param: string } }
  expect(error).toMatchObject({ type: 'invalid_request_error', param })
  expect(error.code).toBe(code)
})

test('the same key and parameters: the same answer; other parameters: refused', async () => {
  const first = await shop.sdk.customers.create({ name: 'A', metadata: { n: '1' } }, { idempotencyKey: 'k' })
  const again = await shop.sdk.customers.create({ metadata: { n: '1' }, name: 'A' }, { idempotencyKey: 'k' })
  expect(again.id).toBe(first.id)
  expect(again.lastResponse.headers['idempotent-replayed']).toBe('true')
  expect(first.lastResponse.headers['idempotent-replayed']).toBeUndefined()
  await expect(shop.sdk.customers.create({ name: 'B' }, { idempotencyKey: 'k' })).rejects.toMatchObject({
    type: 'StripeIdempotencyError',
    statusCode: 400,
  })
  expect(customers()).toBe(1)
})

test('a key is forgotten after a day', async () => {
  const first = await shop.sdk.customers.create({}, { idempotencyKey: 'k' })
  await shop.stripe.advance(25 * 3600_000)
  expect((await shop.sdk.customers.create({}, { idempotencyKey: 'k' })).id).not.toBe(first.id)
})

test('what was refused before it began leaves the key free; what was tried does not', async () => {
  const key = { idempotencyKey: 'k' }
  await expect(shop.sdk.prices.retrieve('price_x')).rejects.toMatchObject({ statusCode: 404 })
  await expect(shop.sdk.customers.create({ wrong: 1 } as never, key)).rejects.toMatchObject({ statusCode: 400 })
  const customer = await shop.sdk.customers.create({}, key)
  const payment_method = shop.stripe.card(customer.id, 'card_declined')
  const charge = { amount: 500, currency: 'usd', customer: customer.id, payment_method, confirm: true }
  for (let n = 0; n < 2; n++)
    await expect(shop.sdk.paymentIntents.create(charge, { idempotencyKey: 'c' })).rejects.toMatchObject({
      code: 'card_declined',
    })
  expect(shop.stripe.world.charges.size).toBe(1)
})

test('while a request is under way, its key is in use', async () => {
  shop.stripe.weather(/customers/, 'slow')
  const slow = shop.sdk.customers.create({}, { idempotencyKey: 'k' })
  await expect.poll(() => shop.stripe.keys.size).toBeGreaterThan(0)
  await expect.poll(() => shop.stripe.keys.has('k')).toBe(true)
  await expect(shop.sdk.customers.create({}, { idempotencyKey: 'k' })).rejects.toMatchObject({
    statusCode: 409,
    code: 'idempotency_key_in_use',
  })
  expect((await slow).id).toMatch(/^cus_/)
  expect(customers()).toBe(1)
})

test.each([
  ['lost', 1],
  ['half', 1],
  ['cut', 0],
] as const)('%s: an error, and with the same key it is done once', async (weather, done) => {
  // One is tried again by the SDK itself, whatever its settings.
  shop.stripe.weather(/customers/, weather, weather)
  const create = () => shop.sdk.customers.create({ name: 'A' }, { idempotencyKey: 'k' })
  await expect(create()).rejects.toThrow()
  expect(customers()).toBe(done)
  expect((await create()).name).toBe('A')
  expect(customers()).toBe(1)
})

test.each([
  ['busy', 429, 'StripeRateLimitError'],
  ['down', 503, 'StripeAPIError'],
] as const)('%s: nothing is done, and the next time it is', async (weather, statusCode, type) => {
  shop.stripe.weather(/customers/, weather)
  const create = () => shop.sdk.customers.create({}, { idempotencyKey: 'k' })
  await expect(create()).rejects.toMatchObject({ statusCode, type })
  expect(customers()).toBe(0)
  await create()
  expect(customers()).toBe(1)
})

test('a fault is kept with its key, though the work is done: only looking tells', async () => {
  shop.stripe.weather(/customers/, 'fault')
  const create = () => shop.sdk.customers.create({ email: 'a@example.com' }, { idempotencyKey: 'k' })
  await expect(create()).rejects.toMatchObject({ statusCode: 500 })
  await expect(create()).rejects.toMatchObject({ statusCode: 500 })
  expect((await shop.sdk.customers.list({ email: 'a@example.com' })).data).toHaveLength(1)
})

test('a request that hangs is given up by its caller, and is done', async () => {
  shop.stripe.weather(/customers/, 'hang')
  const hurried = sdkOf(shop.stripe.url, shop.stripe.key, { timeout: 200 })
  await expect(hurried.customers.create({})).rejects.toMatchObject({ type: 'StripeConnectionError' })
  expect(customers()).toBe(1)
})

test('metadata is added to, taken from, and cleared', async () => {
  const { id } = await shop.sdk.customers.create({ metadata: { a: '1', b: '2' } })
  const of = async (metadata: Record<string, string> | '') =>
    (await shop.sdk.customers.update(id, { metadata })).metadata
  expect(await of({ b: '', c: '3' })).toEqual({ a: '1', c: '3' })
  expect(await of('')).toEqual({})
})

test('prices are found by their keys, and a key moves only when that is asked for', async () => {
  const { data } = await shop.sdk.prices.list({
    lookup_keys: ['pro_monthly', 'team_monthly', 'x'],
    expand: ['data.product'],
  })
  expect(data.map(({ unit_amount }) => unit_amount)).toEqual([7_900, 2_900])
  expect(data[0]?.product).toMatchObject({ name: 'Pro' })
  const dearer = { product: String(shop.prices.pro.product), currency: 'usd', unit_amount: 3_100 }
  const moved = { ...dearer, recurring: { interval: 'month' as const }, lookup_key: 'pro_monthly' }
  await expect(shop.sdk.prices.create(moved)).rejects.toMatchObject({ code: 'resource_already_exists' })
  const next = await shop.sdk.prices.create({ ...moved, transfer_lookup_key: true })
  expect((await shop.sdk.prices.list({ lookup_keys: ['pro_monthly'] })).data.map(({ id }) => id)).toEqual([next.id])
})

test('a list is read in pages, newest first, to its end', async () => {
  for (let n = 0; n < 25; n++) await shop.sdk.customers.create({ name: String(n) })
  const names: string[] = []
  for await (const { name } of shop.sdk.customers.list({ limit: 10 })) names.push(name ?? '')
  expect(names).toEqual(Array.from({ length: 25 }, (_, n) => String(24 - n)))
})
