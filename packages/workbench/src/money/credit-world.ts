// For tests: credit on a database of its own, with a Stripe and a CoinPayPortal of its own, and machines that are paid from
// it. One clock.

import type { Chain } from '@spoq/contracts/credit'
import { openCoinPay } from '@spoq/server/coinpay/open'
import { readTopUp } from '@spoq/server/credit/card'
import { lookAtCredit } from '@spoq/server/credit/look'
import type { CreditPorts } from '@spoq/server/credit/ports'
import { putPrepaid } from '@spoq/server/credit/prepaid'
import { showCredit, showTopUp } from '@spoq/server/credit/show'
import { topUp } from '@spoq/server/credit/top-up'
import type { Database } from '@spoq/server/db/open'
import { openBatch } from '@spoq/server/ledger/batch'
import { history } from '@spoq/server/ledger/history'
import { post } from '@spoq/server/ledger/post'
import { sendPosts } from '@spoq/server/ledger/store'
import { verify } from '@spoq/server/ledger/verify'
import { onCreditChanged } from '@spoq/server/machine/on-credit-changed'
import { putMachine, testPorts } from '@spoq/server/machine/test-ports'
import { ofCoinPay, ofStripe, takersOf } from '@spoq/server/money'
import { openStripe } from '@spoq/server/stripe/open'
import { readSession } from '@spoq/server/stripe/read'
import { rereadAll } from '@spoq/server/webhook/reread'
import { startCoinPay } from '../stand-ins/coinpay.ts'
import { readText, serveHttp } from '../stand-ins/http.ts'
import { startStripe } from '../stand-ins/stripe/index.ts'

export const alice = { account: 'alice', requestId: 'req_alice' }
export const second = 1_000
export const minute = 60 * second
export const hour = 60 * minute
export const day = 24 * hour

export type CreditWorld = Awaited<ReturnType<typeof openCreditWorld>>

export async function openCreditWorld(database: Database) {
  const { db } = database
  const shop = await startStripe({ now: () => Date.UTC(2026, 0, 1, 12) })
  const now = shop.clock
  const coins = await startCoinPay({ now, pausesMs: [1, 1], attemptMs: 2_000, rates: { BCH: 500 } })
  const mails: { to: string; subject: string; text: string; html: string }[] = []
  const logged: string[] = []
  const log = (level: string, event: string) => {
    if (level !== 'info') logged.push(event)
  }
  const mail = {
    put: async (_: never, letter: (typeof mails)[number]) => {
      mails.push(letter)
    },
    wake: () => {},
  }
  const machines = { ...testPorts(database), now }
  const ledger = { db, now, batch: openBatch(posts => sendPosts(db, posts, now())) }
  const stripe = openStripe(shop)
  const credit: CreditPorts = {
    ...{ db, ledger, stripe, coinpay: openCoinPay(coins), baseUrl: 'http://spoq.test', now, log },
    emailOf: async account => `${account}@example.com`,
    isVerified: async account => account !== 'mallory',
    reaches: (trx, account, { isEmpty }) => onCreditChanged(machines, trx, account, isEmpty),
    wake: () => {},
    mail: mail as never,
  }
  const read = async (session: string, changed: Partial<CreditPorts> = {}) => {
    const there = await readSession(stripe, session)
    if (there) await readTopUp({ ...credit, ...changed }, there)
  }
  const handlers = {
    ...ofStripe({ ...credit, stripe, operators: [], changed: async () => {} }, credit),
    ...ofCoinPay(credit),
  }
  const unlessLocked = async (_: string, work: () => Promise<void>) => {
    await work()
    return true
  }
  let takers: ReturnType<typeof takersOf> = new Map()
  const webhooks = await serveHttp(async (request, response) => {
    const body = await readText(request)
    const headers = new Headers()
    for (const name of ['stripe-signature', 'x-coinpay-signature'])
      headers.set(name, String(request.headers[name] ?? ''))
    const asked = new Request(`http://spoq.test${request.url}`, { method: 'POST', headers, body })
    const taken = takers.get(request.url ?? '')
    const answer = taken ? await taken(asked) : Response.json({}, { status: 404 })
    response.writeHead(answer.status).end(await answer.text())
  })
  coins.webhookUrl = `${webhooks.url}/webhooks/coinpay`
  const endpoint = await shopEndpoint()
  const signed = { url: shop.url, key: shop.key, webhookSecret: endpoint.secret ?? '' }
  const taking = { db, wake: () => {}, now, log }
  takers = takersOf({ stripe: signed, coinpay: { ...coins, webhookSecret: coins.webhookSecret } }, taking)

  function shopEndpoint() {
    const url = `${webhooks.url}/webhooks/stripe`
    const asked = { url, enabled_events: ['*' as const], api_version: '2026-10-28.endive' as const }
    return stripe.webhookEndpoints.create(asked)
  }

  /** All that was told is read, and all that is due is done. */
  async function settle(): Promise<void> {
    await shop.settled()
    await lookAtCredit(credit)
    await rereadAll({ db, handlers, unlessLocked, now, log, pause: async () => {} })
    await lookAtCredit(credit)
  }

  const row = async (id: string) => db.selectFrom('top_up').selectAll().where('id', '=', id).executeTakeFirstOrThrow()

  return {
    ...{ shop, coins, credit, ledger, machines, mails, logged, settle, row, read, webhooks: webhooks.url },
    async pass(ms: number): Promise<void> {
      await shop.advance(ms)
      await settle()
    },
    /** Begins a top-up by card; the second is its session. */
    async begin(cents = 2_000, key?: string) {
      const begun = await topUp(credit, alice, { cents, method: 'card' }, key)
      return { id: begun.id, session: (await row(begun.id)).reference ?? '' }
    },
    /** Buys credit by card. The charge that paid it is answered too. */
    async buy(cents = 2_000) {
      const { id, session } = await this.begin(cents)
      shop.pay(session)
      await settle()
      const payment = (await row(id)).payment
      const charge = [...shop.world.charges.values()].find(one => one.payment_intent === payment)
      return { id, session, charge: charge?.id ?? '' }
    },
    /** Begins a top-up in coins; `payment` is what it is called there. */
    async order(cents = 2_500, chain: Chain = 'BTC', key?: string) {
      const begun = await topUp(credit, alice, { cents, method: 'crypto', chain }, key)
      return { ...begun, payment: (await row(begun.id)).reference ?? '' }
    },
    /** Something of the credit is spent. */
    spend: (cents: number, key: string) => {
      const amount = BigInt(cents) * 10_000n
      const lines = [
        { account: 'customer:alice', amount: -amount },
        { account: 'usage', amount },
      ]
      return post(ledger, { key, kind: 'usage', lines })
    },
    available: async () => Number((await showCredit(credit, 'alice')).available),
    state: async (id: string) => (await showTopUp(credit, 'alice', id)).state,
    /** The kinds of what came and went, oldest first. */
    kinds: async () =>
      (await history(ledger, { account: 'customer:alice' })).movements.map(({ kind }) => kind).reverse(),
    findings: async () => (await verify(db, '/dev/null')).findings,
    count: async (table: string) => (await database.query(`SELECT FROM ${table}`)).length,
    /** A machine of alice's that is paid from her credit, since yesterday. */
    async prepaid(dollarsDaily: number): Promise<string> {
      const { id } = await putMachine(database, { state: 'running' })
      const microsDaily = BigInt(dollarsDaily) * 1_000_000n
      await db
        .transaction()
        .execute(trx => putPrepaid(trx, { machine: id, account: 'alice', microsDaily }, now() - day))
      return id
    },
    holds: async (id: string) =>
      (await db.selectFrom('machine').select('holds').where('id', '=', id).executeTakeFirstOrThrow()).holds,
    stop: async () => {
      await webhooks.stop()
      await coins.stop()
      await shop.stop()
    },
  }
}
