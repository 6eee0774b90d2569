// For tests: subscriptions on a database of their own and a Stripe of their own, with machines that follow them. One clock.

import type { Database } from '@spoq/server/db/open'
import type { Tables } from '@spoq/server/db/tables'
import { timesOf } from '@spoq/server/ending/ending'
import { openBatch } from '@spoq/server/ledger/batch'
import { sendPosts } from '@spoq/server/ledger/store'
import { onPlanChanged } from '@spoq/server/machine/on-plan-changed'
import { putMachine, testPorts } from '@spoq/server/machine/test-ports'
import { followsFrom, ofStripe } from '@spoq/server/money'
import { planOf } from '@spoq/server/plan/of'
import { openStripe } from '@spoq/server/stripe/open'
import { takeWebhook } from '@spoq/server/stripe/webhook'
import { planInForce } from '@spoq/server/subscription/in-force'
import { lookAtSubscriptions } from '@spoq/server/subscription/look'
import type { Selling } from '@spoq/server/subscription/ports'
import { findOf } from '@spoq/server/subscription/store'
import { subscribe, type Wish } from '@spoq/server/subscription/subscribe'
import { rereadAll } from '@spoq/server/webhook/reread'
import type { Transaction } from 'kysely'
import { readText, serveHttp } from '../stand-ins/http.ts'
import { type StripeOptions, startStripe } from '../stand-ins/stripe/index.ts'

export const alice = { account: 'alice', requestId: 'req_alice' }
export const second = 1_000
export const day = 86_400 * second
const capable = (hardware?: string) => ({ capabilities: hardware ? { hardware } : {} }) as never
const providers = new Map([
  ['docker', capable('fleet')],
  ['hetzner', capable()],
  ['local', capable('own')],
] as const)

export type TestWorld = Awaited<ReturnType<typeof openWorld>>

export async function openWorld(database: Database, options: StripeOptions = {}) {
  // Whole seconds: Stripe has no finer ones.
  const shop = await startStripe({ now: () => Date.UTC(2026, 0, 1, 12), ...options })
  const { db } = database
  const now = shop.clock
  const mails: { to: string; subject: string; text: string }[] = []
  const logged: string[] = []
  const mail = {
    put: async (_: never, letter: (typeof mails)[number]) => {
      mails.push(letter)
    },
    wake: () => {},
  }
  const machines = { ...testPorts(database, providers), now }
  const usual = 'free' as const
  const log = (level: string, event: string) => {
    if (level !== 'info') logged.push(event)
  }
  const endings = {
    ...machines,
    times: timesOf(7),
    copies: true,
    verify: async () => {},
    linkOf: (backup: string) => `http://spoq.test/backups/${backup}`,
    wakeBackups: () => {},
    mail: mail as never,
    log,
  }
  const planned = {
    changed: async (trx: Transaction<Tables>, account: string) =>
      onPlanChanged(machines, trx, account, await planInForce({ db: trx, usual }, account)),
  }
  const selling: Selling = {
    ...{ db, stripe: openStripe(shop), baseUrl: 'http://spoq.test', now, log, mail: mail as never },
    changed: followsFrom(endings, planned),
    operators: ['operator@example.com'],
    emailOf: async account => `${account}@example.com`,
    isVerified: async account => account !== 'mallory',
  }
  const ledger = { db, now, batch: openBatch(posts => sendPosts(db, posts, now())) }
  const handlers = ofStripe(selling, { ...selling, ledger, coinpay: null, reaches: async () => {}, wake: () => {} })
  const unlessLocked = async (_: string, work: () => Promise<void>) => {
    await work()
    return true
  }
  let secret = ''
  const webhooks = await serveHttp(async (request, response) => {
    const body = await readText(request)
    const headers = { 'stripe-signature': String(request.headers['stripe-signature'] ?? '') }
    const asked = new Request('http://spoq.test/webhooks/stripe', { method: 'POST', headers, body })
    const answer = await takeWebhook({ db, secret, wake: () => {}, now, log }, asked)
    response.writeHead(answer.status).end(await answer.text())
  })
  const endpoint = await selling.stripe.webhookEndpoints.create({
    url: `${webhooks.url}/webhooks/stripe`,
    enabled_events: ['*'],
    api_version: '2026-10-28.endive',
  })
  secret = endpoint.secret ?? ''

  /** All that was told is read, and all that is due is done. */
  async function settle(): Promise<void> {
    await shop.settled()
    await rereadAll({ db, handlers, unlessLocked, now, log, pause: async () => {} })
    await lookAtSubscriptions(selling)
  }

  return {
    shop,
    selling,
    machines,
    mails,
    logged,
    settle,
    webhooks: webhooks.url,
    /** Time goes by at Stripe and here, in one go. */
    async pass(ms: number): Promise<void> {
      await shop.advance(ms)
      await settle()
    },
    /** Subscribes and pays. */
    async buy(wish: Wish, card?: Parameters<typeof shop.pay>[1]) {
      const { checkout } = await subscribe(selling, alice, wish)
      const session = (await findOf(db, 'alice'))?.checkout ?? ''
      const paid = shop.pay(session, card)
      await settle()
      return { url: checkout?.url, session, paid }
    },
    row: async () => (await findOf(db, 'alice')) as NonNullable<Awaited<ReturnType<typeof findOf>>>,
    plan: async () => (await planOf({ db, usual }, 'alice')).plan.name,
    /** A machine of alice's that runs; the earlier, the older. */
    machine: (provider: 'docker' | 'hetzner' | 'local', at: number) =>
      putMachine(database, { provider, state: 'running', created_at: new Date(at) }),
    /** What holds each of her machines, oldest first. */
    holds: async () => {
      const query = db.selectFrom('machine').select(['provider', 'holds', 'ending']).orderBy('created_at')
      return (await query.execute()).map(({ provider, holds, ending }) => [
        provider,
        ...holds,
        ...(ending ? ['ends'] : []),
      ])
    },
    customer: () => [...shop.world.customers.keys()][0] ?? '',
    stop: async () => {
      await webhooks.stop()
      await shop.stop()
    },
  }
}
