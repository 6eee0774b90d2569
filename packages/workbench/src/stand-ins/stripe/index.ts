// A stand-in for Stripe: customers, prices, Checkout, subscriptions with their renewals and retries, refunds, disputes,
// signed webhooks, Idempotency-Keys. Its clock is given; what a person, a bank or the weather does is done by the test.

import { randomBytes } from 'node:crypto'
import { documentOf } from '../rest-api.ts'
import { agenda } from './agenda.ts'
import { couponRoutes } from './coupons.ts'
import { customerRoutes } from './customers.ts'
import { disputeRoutes } from './disputes.ts'
import { emitter } from './emitter.ts'
import { eventRoutes } from './events.ts'
import { handOf } from './hand.ts'
import { invoiceRoutes } from './invoices.ts'
import { amendStripe } from './official.ts'
import { servePage } from './pages.ts'
import { paymentIntentRoutes } from './payment-intents.ts'
import { paymentMethodRoutes } from './payment-methods.ts'
import { priceRoutes } from './prices.ts'
import { refundRoutes } from './refunds.ts'
import { scheduleRoutes } from './schedules.ts'
import { serveStripe } from './server.ts'
import { sessionRoutes } from './sessions.ts'
import { setupIntentRoutes } from './setup-intents.ts'
import { subscriptionRoutes } from './subscriptions.ts'
import { webhooks } from './webhooks.ts'
import { newId, type Settings, tables, type World } from './world.ts'

export interface StripeOptions extends Partial<Omit<Settings, 'url'>> {
  /** Milliseconds since 1970. Default: the computer's clock. */
  now?: () => number
  /** With a real clock: how often what is due is done by itself. Default: only by `tick` and `advance`. */
  beatMs?: number
  /** How long a receiver of webhooks may take. */
  attemptMs?: number
  /** How long a request in the weather `slow` takes. */
  slowMs?: number
}

export type StripeStandIn = Awaited<ReturnType<typeof startStripe>>

const routes = [
  ...customerRoutes,
  ...priceRoutes,
  ...couponRoutes,
  ...paymentMethodRoutes,
  ...paymentIntentRoutes,
  ...setupIntentRoutes,
  ...sessionRoutes,
  ...subscriptionRoutes,
  ...scheduleRoutes,
  ...invoiceRoutes,
  ...refundRoutes,
  ...disputeRoutes,
  ...eventRoutes,
]

export const pinnedVersion = '2026-10-28.endive'

/** Starts it on a free port. A test asserts at its end that `invalid` is empty. */
export async function startStripe(options: StripeOptions = {}) {
  const { now = Date.now, attemptMs = 10_000, slowMs = 200, beatMs, ...settings } = options
  const key = `sk_test_${randomBytes(16).toString('hex')}`
  const official = await documentOf('stripe', amendStripe)
  let ahead = 0
  const clock = () => now() + ahead
  const due = agenda(clock)
  const sent = webhooks(clock, due.at, attemptMs)
  const events = emitter(sent, official)

  const makeWorld = (url: string): World => {
    const world: World = {
      ...tables(),
      settings: {
        url,
        apiVersion: pinnedVersion,
        retryDays: [5, 7, 9],
        afterRetries: 'cancel',
        draftSeconds: 3600,
        upcomingDays: 7,
        ...settings,
      },
      now: due.now,
      id: newId,
      at: due.at,
      emit: (type, object, previous) => events.emit(world, type, object, previous),
      cards: new Map(),
      asked: new Map(),
      lineItems: new Map(),
      pendingLines: new Map(),
      whenPaid: new Map(),
      billed: new Map(),
    }
    return world
  }

  const { world, invalid, ...server } = await serveStripe({
    key,
    apiVersion: settings.apiVersion ?? pinnedVersion,
    routes,
    official,
    slowMs,
    world: makeWorld,
    asking: events.asking,
    page: (request, response) => servePage(world, request, response),
  })

  /** Does what is due by now, in order, each with its webhooks. */
  async function tick(): Promise<void> {
    await sent.settled()
    while (due.step()) await sent.settled()
  }

  const beat = beatMs === undefined ? undefined : setInterval(() => void tick(), beatMs)

  return {
    ...server,
    stop(): Promise<void> {
      clearInterval(beat)
      return server.stop()
    },
    /** What was not valid against the official document. Anything here is a fault of ours. */
    get invalid(): string[] {
      return [...invalid, ...events.invalid]
    },
    official: official !== null,
    key,
    secrets: [key] as readonly string[],
    /** All that it holds. */
    world,
    tick,
    /** Its clock goes ahead, and what is due by then is done. */
    advance(ms: number): Promise<void> {
      ahead += ms
      return tick()
    },
    /** What the clock says, in milliseconds. */
    clock,
    /** Waits until no webhook is on its way. */
    settled: sent.settled,
    ...handOf(world, sent),
  }
}
