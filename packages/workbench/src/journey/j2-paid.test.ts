// The paid half of J2: a plan is chosen, paid in a browser, changed, cancelled and taken back, all from the command line, at a
// real backend and a stand-in for Stripe whose every exchange is held against the official document.

import { once } from 'node:events'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { freePorts } from '../free-ports.ts'
import { type StripeStandIn, startStripe } from '../stand-ins/stripe/index.ts'
import { sdkOf } from '../stand-ins/stripe/test-shop.ts'
import { type Home, startHome } from './home.ts'
import { mailed, verifyCode } from './mailed.ts'

let home: Home
let shop: StripeStandIn

beforeAll(async () => {
  shop = await startStripe()
  const [port = 0] = await freePorts(1)
  const endpoint = await sdkOf(shop.url, shop.key).webhookEndpoints.create({
    url: `http://127.0.0.1:${port}/webhooks/stripe`,
    enabled_events: ['*'],
  })
  const stripe = { STRIPE_SECRET_KEY: shop.key, STRIPE_WEBHOOK_SECRET: endpoint.secret ?? '', STRIPE_API_URL: shop.url }
  home = await startHome({ port, environment: stripe })
}, 120_000)
afterAll(async () => {
  await home?.close()
  await shop.stop()
})

const open = () => [...shop.world.sessions.values()].filter(({ status }) => status === 'open').map(({ id }) => id)

test('who is not known cannot buy, and without a terminal it is said which flag is missing', async () => {
  const unasked = await home.spoq(['subscribe', '--plan', 'pro'])
  expect(unasked).toMatchObject({ status: 2, stderr: expect.stringContaining('--yes') })
  expect(unasked.stderr).toContain('Spoq Pro: $29.00 now, then $29.00 each month.')
  expect((await home.spoq(['subscribe', '--yes'])).stderr).toContain('--plan basic|pro|team')
  const unknown = await home.spoq(['subscribe', '--plan', 'pro', '--yes', '--no-wait'])
  expect(unknown.stderr).toContain('account verify')
  await home.spoq(['account', 'verify'])
  expect((await home.spoq(['account', 'verify', '--code', await mailed(home, '', verifyCode)])).status).toBe(0)
})

test('a plan is subscribed to: the command waits, and knows of the payment by itself', async () => {
  expect(await home.json('subscription', 'show')).toEqual({
    subscription: null,
    plan: 'free',
    source: 'default',
    card: true,
    messages: [false, true].map(onCredit => expect.objectContaining({ used: 0, most: 100, onCredit })),
  })
  const begun = await home.json('subscribe', '--plan', 'pro', '--yes', '--no-wait')
  expect(begun).toMatchObject({ subscription: { state: 'incomplete' }, total: { nowCents: 2_900 } })
  const waiting = home.start(['subscribe', '--plan', 'pro', '--yes'])
  let said = ''
  waiting.stdout?.on('data', chunk => {
    said += chunk
  })
  waiting.stderr?.on('data', chunk => {
    said += chunk
  })
  await expect.poll(() => said, { timeout: 30_000 }).toContain(`Pay here: ${begun.subscription.checkout.url}`)
  const [session = ''] = open()
  expect(open()).toHaveLength(1)
  shop.pay(session)
  const [status] = await once(waiting, 'exit')
  expect([status, said]).toEqual([0, expect.stringContaining('You have Spoq Pro until')])
  expect((await home.spoq(['plan', 'list'])).stdout).toMatch(/PRO \*/)
  expect((await home.spoq(['subscription', 'show'])).stdout).toMatch(
    /plan +Pro, by the month\nstate +active\npaid until/,
  )
}, 60_000)

test('it is changed, cancelled and taken back; invoices and cards are shown', async () => {
  const changed = await home.json('subscription', 'change', '--plan', 'team', '--yes')
  expect(changed).toMatchObject({ subscription: { plan: 'team', state: 'active' } })
  expect(changed.total.nowCents).toBeGreaterThan(4_900)
  expect((await home.spoq(['subscription', 'cancel'])).stdout).toMatch(/^Spoq ends on \d{4}-\d\d-\d\d\. Until then/)
  expect((await home.spoq(['subscription', 'show'])).stdout).toMatch(/ends +\d{4}/)
  expect((await home.spoq(['subscription', 'resume'])).stdout).toContain('It goes on')
  const { invoices } = await home.json('invoice', 'list')
  expect(invoices.map(({ totalCents }: { totalCents: number }) => totalCents).sort()).toEqual(
    [2_900, changed.total.nowCents].sort(),
  )
  expect((await home.spoq(['payment-method', 'list'])).stdout).toMatch(/…4242/)
  const customer = [...shop.world.customers.keys()][0] ?? ''
  const other = shop.card(customer, 'works', false)
  const cards = await home.json('payment-method', 'default', other)
  expect(cards.paymentMethods.find(({ isDefault }: { isDefault: boolean }) => isDefault).id).toBe(other)
  expect((await home.spoq(['payment-method', 'default', 'pm_another'])).status).toBe(4)
  expect((await home.spoq(['billing', 'portal'])).stderr).toMatch(/http:\/\//)
}, 60_000)

test('while Stripe is away one line says so, and nothing is charged twice', async () => {
  shop.weather(/./, ...Array.from({ length: 3 }, () => 'down' as const))
  const away = await home.spoq(['invoice', 'list'])
  expect(away).toMatchObject({ status: 6, stderr: expect.stringContaining('The payment service does not answer.') })
  expect(away.stderr).not.toContain(shop.key)
  expect([...shop.world.subscriptions.values()].filter(({ status }) => status === 'active')).toHaveLength(1)
  expect(shop.invalid).toEqual([])
}, 60_000)
