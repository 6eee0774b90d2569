// Credit from the command line: bought by card and in coins, given by an operator, looked at; at a real backend and stand-ins
// for those who take the payments.

import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { freePorts } from '../free-ports.ts'
import { type CoinPay, startCoinPay } from '../stand-ins/coinpay.ts'
import { type StripeStandIn, startStripe } from '../stand-ins/stripe/index.ts'
import { sdkOf } from '../stand-ins/stripe/test-shop.ts'
import { type Home, startHome } from './home.ts'

const owner = 'owner@localhost.localdomain'
let home: Home
let shop: StripeStandIn
let coins: CoinPay

beforeAll(async () => {
  shop = await startStripe()
  coins = await startCoinPay({ pausesMs: [10, 10] })
  const [port = 0] = await freePorts(1)
  const to = `http://127.0.0.1:${port}/webhooks`
  const asked = { url: `${to}/stripe`, enabled_events: ['*' as const] }
  const endpoint = await sdkOf(shop.url, shop.key).webhookEndpoints.create(asked)
  coins.webhookUrl = `${to}/coinpay`
  const environment = {
    ...{ STRIPE_SECRET_KEY: shop.key, STRIPE_WEBHOOK_SECRET: endpoint.secret ?? '', STRIPE_API_URL: shop.url },
    ...{ COINPAY_API_KEY: coins.key, COINPAY_WEBHOOK_SECRET: coins.webhookSecret, COINPAY_API_URL: coins.url },
    ADMIN_EMAILS: owner,
  }
  home = await startHome({ port, environment })
}, 120_000)
afterAll(async () => {
  await home?.close()
  await coins?.stop()
  await shop?.stop()
})

/** Mails wait in files here. */
function mails(): string[] {
  const folder = join(home.dataDir, 'server/mail')
  const names = readdirSync(folder).filter(name => name.endsWith('.eml'))
  return names.map(name => readFileSync(join(folder, name), 'utf8'))
}

/** Starts a command; what it says, and how it ends. */
function follow(...args: string[]) {
  const child = home.start(args)
  let said = ''
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', chunk => {
      said += chunk
    })
  return { child, said: () => said, status: async () => (await once(child, 'exit'))[0] }
}

test('nothing is bought without a yes, by who is not known, or for too little', async () => {
  const unasked = await home.spoq(['credit', 'top-up', '20'])
  expect(unasked).toMatchObject({ status: 2, stderr: expect.stringContaining('--yes') })
  expect(unasked.stderr).toContain('Spoq credit: $20.00 now, by card.')
  for (const dollars of ['4.99', '1001', 'ten', '-5'])
    expect((await home.spoq(['credit', 'top-up', '--yes', '--', dollars])).status).toBe(2)
  expect((await home.spoq(['credit', 'top-up', '20', '--yes', '--no-wait'])).stderr).toContain('account verify')
  await home.spoq(['account', 'verify'])
  const code = () => mails().flatMap(mail => /^ {4}([0-9A-Z-]{6,12})\r?$/m.exec(mail)?.[1] ?? [])[0]
  await expect.poll(code).toBeTruthy()
  expect((await home.spoq(['account', 'verify', '--code', code() ?? ''])).status).toBe(0)
}, 60_000)

test('credit is bought by card: the command waits, and knows of the payment by itself', async () => {
  expect(await home.json('credit', 'balance')).toEqual({
    credit: {
      ...{ available: '0.000000', held: '0.000000', currency: 'usd', daily: '0.000000', standing: 'ok' },
      methods: ['card', 'crypto'],
    },
  })
  const buying = follow('credit', 'top-up', '20', '--yes')
  await expect.poll(buying.said, { timeout: 30_000 }).toContain('Pay here: http')
  const [session] = [...shop.world.sessions.values()].filter(({ status }) => status === 'open')
  shop.pay(session?.id ?? '')
  expect([await buying.status(), buying.said()]).toEqual([0, expect.stringContaining('It is paid. Thank you.')])
  expect((await home.spoq(['credit', 'balance'])).stdout).toMatch(/credit +\$20\.00/)
  await expect.poll(() => mails().some(mail => mail.includes('Receipt: $20.00 of Spoq credit'))).toBe(true)
}, 60_000)

test('and in coins: where, how many and until when is said; Ctrl-C ends the waiting alone', async () => {
  const buying = follow('credit', 'top-up', '25', '--crypto', 'BTC', '--yes')
  await expect.poll(buying.said, { timeout: 30_000 }).toMatch(/Send exactly 0\.00050000 BTC to addr_\w+ within 15 min/)
  buying.child.kill('SIGINT')
  expect([await buying.status(), buying.said()]).toEqual([130, expect.stringContaining('It can still be paid there')])
  const [payment] = coins.payments.keys()
  await coins.seen(payment ?? '', { confirmations: 3 })
  const available = async () => (await home.json('credit', 'balance')).credit.available
  await expect.poll(available, { timeout: 30_000 }).toBe('45.000000')
  const short = follow('credit', 'top-up', '25', '--crypto', 'ETH', '--yes')
  await expect.poll(short.said, { timeout: 30_000 }).toContain('ETH to addr_')
  const other = [...coins.payments.keys()].at(-1) ?? ''
  await coins.seen(other, { amount_crypto: '0.001', confirm: true, confirmations: 12 })
  expect([await short.status(), short.said()]).toEqual([1, expect.stringContaining('0.001 coins came')])
  expect(await available()).toBe('45.000000')
}, 120_000)

test('an operator gives some, and the history says what came', async () => {
  const given = await home.spoq(['admin', 'credit', 'give', owner, '5.50', '--reason', 'outage of March 3'])
  expect(given.stdout).toContain(`${owner} has $5.50 more credit.`)
  const nobody = await home.spoq(['admin', 'credit', 'give', 'nobody@example.com', '5', '--reason', 'x'])
  expect(nobody).toMatchObject({ status: 4, stderr: expect.stringContaining('nobody@example.com') })
  const { movements, next } = await home.json('credit', 'history')
  expect(movements.map(({ kind, amount }: { kind: string; amount: string }) => [kind, amount])).toEqual([
    ['manual', '5.500000'],
    ['top_up', '25.000000'],
    ['top_up', '20.000000'],
  ])
  expect(next).toBeNull()
  expect((await home.spoq(['credit', 'history'])).stdout).toMatch(/manual +\$5\.50 +\$50\.50/)
}, 60_000)

test('an operator sees what came short, and decides about it', async () => {
  const { reviews } = await home.json('admin', 'credit', 'review')
  expect(reviews).toMatchObject([{ email: owner, cents: 2_500, chain: 'ETH' }])
  const [{ id }] = reviews
  expect((await home.spoq(['admin', 'credit', 'review'])).stdout).toMatch(
    /owner@\S+ +\$25\.00, \S+ ETH +0\.001 coins came/,
  )
  const settle = (...how: string[]) =>
    home.spoq(['admin', 'credit', 'settle', id, '--reason', 'that much came', ...how])
  expect((await settle()).status).toBe(2)
  expect(await settle('--credit', '4.50')).toMatchObject({ status: 0, stdout: `$4.50 of ${id} is credit now.\n` })
  expect((await settle('--refuse')).status).toBe(5)
  expect((await home.spoq(['admin', 'credit', 'review'])).stdout).toBe('Nothing waits for you.\n')
  expect((await home.json('credit', 'balance')).credit.available).toBe('55.000000')
}, 60_000)

test('while those who take payments are away one line says so; no key is told', async () => {
  shop.weather(/./, ...Array.from({ length: 3 }, () => 'down' as const))
  coins.weather(/./, 'down')
  for (const how of [[], ['--crypto', 'BTC']]) {
    const away = await home.spoq(['credit', 'top-up', '20', '--yes', '--no-wait', ...how])
    expect(away).toMatchObject({ status: 6, stderr: expect.stringContaining('The payment service does not answer.') })
    expect(away.stderr).not.toContain(how.length ? coins.key : shop.key)
  }
  expect([...shop.invalid, ...coins.invalid]).toEqual([])
  expect((await home.json('admin', 'ledger', 'verify')).findings).toEqual([])
}, 60_000)
