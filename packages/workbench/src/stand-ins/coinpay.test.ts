// The stand-in for CoinPayPortal, and what is peculiar to it.

import { createHmac } from 'node:crypto'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type CoinPay, startCoinPay } from './coinpay.ts'
import { type Receiver, receiveWebhooks } from './receiver.ts'

const start = Date.UTC(2026, 0, 1)
let time: number
let coinpay: CoinPay
let receiver: Receiver
beforeEach(async () => {
  time = start
  coinpay = await startCoinPay({ now: () => time, pausesMs: [5, 10], attemptMs: 500 })
  receiver = await receiveWebhooks('x-coinpay-signature')
  coinpay.webhookUrl = `${receiver.url}/hook`
})
afterEach(async () => {
  expect(coinpay.invalid).toEqual([])
  await coinpay.stop()
  await receiver.stop()
})

interface Answered {
  success: boolean
  payment: { id: string; status: string; crypto_amount: string; amount: number | string; confirmations?: number }
}
async function ask(method: string, path: string, body?: object, headers: Record<string, string> = {}) {
  const answer = await fetch(`${coinpay.url}${path}`, {
    method,
    headers: { authorization: `Bearer ${coinpay.key}`, 'content-type': 'application/json', ...headers },
    ...(body && { body: JSON.stringify(body) }),
  })
  return { status: answer.status, body: (await answer.json()) as Answered }
}
const create = (more: object = {}, headers?: Record<string, string>) =>
  ask('POST', '/api/payments/create', { amount_usd: 25, blockchain: 'BTC', metadata: { order: '1' }, ...more }, headers)
const read = async (id: string) => (await ask('GET', `/api/payments/${id}`)).body.payment
const sent = (n: number) => ({
  ...receiver.received[n],
  event: JSON.parse(receiver.received[n]?.body ?? '{}'),
})
const valid = (
  { signature = '', body = '' }: { signature?: string; body?: string },
  secret = coinpay.webhookSecret,
) => {
  const [, t, v1] = /^t=(\w+),v1=(\w+)$/.exec(signature) ?? []
  return createHmac('sha256', secret).update(`${t}.${body}`).digest('hex') === v1
}

test('a payment that is seen is confirmed, and forwarded; each is told, signed', async () => {
  const { status, body } = await create()
  expect(status).toBe(201)
  const { id } = body.payment
  expect(body.payment).toMatchObject({ status: 'pending', amount: 25, crypto_amount: '0.00050000', currency: 'btc' })
  await coinpay.seen(id, { confirmations: 3 })
  expect(await read(id)).toMatchObject({ status: 'confirmed', confirmations: 3, currency: 'USD', blockchain: 'BTC' })
  time += 1_000
  await coinpay.forwarded(id)
  expect(receiver.types()).toEqual(['payment.confirmed', 'payment.forwarded'])
  expect(sent(0).event.data).toMatchObject({ payment_id: id, amount_crypto: '0.00050000', metadata: { order: '1' } })
  expect(valid(sent(0)) && valid(sent(1))).toBe(true)
})

test('the same key: the same payment, whatever else is asked for', async () => {
  const key = { 'idempotency-key': 'order-1' }
  const first = await create({}, key)
  const again = await create({ amount_usd: 50 }, key)
  expect(again.status).toBe(200)
  expect(again.body.payment).toMatchObject({ id: first.body.payment.id, amount: 25 })
  expect(coinpay.payments.size).toBe(1)
})

test('confirmations may be left out, or be 0, when it is confirmed', async () => {
  const { id } = (await create()).body.payment
  await coinpay.seen(id)
  expect(await read(id)).not.toHaveProperty('confirmations')
  await coinpay.seen(id, { confirmations: 0 })
  expect((await read(id)).confirmations).toBe(0)
})

test('too little is not enough, unless their monitor takes it; more is told as more', async () => {
  const { id } = (await create()).body.payment
  await coinpay.seen(id, { amount_crypto: '0.00049999' })
  expect((await read(id)).status).toBe('detected')
  expect(receiver.received).toEqual([])
  await coinpay.seen(id, { amount_crypto: '0.0001', confirm: true, confirmations: 6 })
  await coinpay.seen(id, { amount_crypto: '0.1' })
  expect([0, 1].map(n => sent(n).event.data.amount_crypto)).toEqual(['0.0001', '0.1'])
})

test('another coin than was asked for stands in what is read', async () => {
  const { id } = (await create()).body.payment
  await coinpay.seen(id, { blockchain: 'SOL', confirmations: 40 })
  expect(await read(id)).toMatchObject({ blockchain: 'SOL' })
})

test('after 15 minutes it is expired, and that is told once', async () => {
  const { id } = (await create()).body.payment
  time += 15 * 60_000 - 1
  await coinpay.tick()
  expect((await read(id)).status).toBe('pending')
  time += 1
  await coinpay.tick()
  await coinpay.tick()
  expect((await read(id)).status).toBe('expired')
  expect(receiver.types()).toEqual(['payment.expired'])
})

test('three tries with one signature, and no more', async () => {
  receiver.answers.push(500, 500, 500)
  const { id } = (await create()).body.payment
  await coinpay.seen(id)
  expect(coinpay.tries.map(({ status }) => status)).toEqual([500, 500, 500])
  expect(new Set(receiver.received.map(({ signature }) => signature)).size).toBe(1)
})

test('the id of an event changes with the second, the payment in it does not', async () => {
  const { id } = (await create()).body.payment
  await coinpay.seen(id)
  time += 1_000
  await coinpay.webhook(id)
  expect(sent(0).event.id).not.toBe(sent(1).event.id)
  expect(sent(0).event.data.payment_id).toBe(sent(1).event.data.payment_id)
})

test('the hand forges, alters and dates webhooks, and loses them', async () => {
  const { id } = (await create()).body.payment
  await coinpay.webhook(id, { secret: 'other', type: 'payment.confirmed' })
  await coinpay.webhook(id, { type: 'payment.confirmed', alter: body => body.replace('"amount":25', '"amount":99') })
  await coinpay.webhook(id, { at: 'soon' })
  await coinpay.webhook(id, { at: start / 1000 - 301, data: { amount: 99 } })
  expect([0, 1, 2, 3].map(n => valid(sent(n)))).toEqual([false, false, true, true])
  expect(sent(3).signature).toContain(`t=${start / 1000 - 301},`)
  coinpay.silent = true
  await coinpay.seen(id)
  expect(receiver.received).toHaveLength(4)
  expect((await read(id)).status).toBe('confirmed')
})

test('webhook_url in a request is ignored; the document does not know it', async () => {
  const { id } = (await create({ webhook_url: 'http://127.0.0.1:1/other' })).body.payment
  await coinpay.seen(id)
  expect(receiver.types()).toEqual(['payment.confirmed'])
  const told = coinpay.invalid.splice(0)
  if (coinpay.official) expect(told).toEqual([expect.stringContaining('webhook_url')])
})

test('amounts may be text in what is read', async () => {
  const { id } = (await create()).body.payment
  coinpay.amountsAsText = true
  expect((await read(id)).amount).toBe('25.00')
})

test.each([
  ['no amount', { amount_usd: undefined }, 400],
  ['an unknown chain', { blockchain: 'XYZ' }, 400],
  ['somebody else’s business', { business_id: 'other' }, 400],
  ['an unknown field', { coin: 'BTC' }, 422],
])('%s is refused', async (_, more, status) => {
  expect((await create(more)).status).toBe(status)
  expect(coinpay.payments.size).toBe(0)
})

test('without the key nothing is told', async () => {
  const { id } = (await create()).body.payment
  const answer = await fetch(`${coinpay.url}/api/payments/${id}`, { headers: { authorization: 'Bearer cp_live_x' } })
  expect(answer.status).toBe(401)
})
