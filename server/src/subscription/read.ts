// What is done when Stripe told that something changed: it is read there, and the row is brought to it.

import type { Stripe } from '../stripe/open.ts'
import { asking, unlessMissing } from '../stripe/problem.ts'
import { idOf } from '../stripe/read.ts'
import { apply } from './apply.ts'
import { expand, readFacts } from './facts.ts'
import type { Selling } from './ports.ts'
import { findById, findByStripe } from './store.ts'

/** Reads a subscription. One that is none of ours changes nothing. */
export async function readSubscription(ports: Selling, stripeId: string): Promise<void> {
  const there = await retrieve(ports.stripe, stripeId)
  if (!there) return
  const row = (await findByStripe(ports.db, stripeId)) ?? (await namedBy(ports, there))
  if (!row) return ports.log('info', 'subscription.unknown', { subscription: stripeId })
  // The one that is followed is another: a checkout decides which is.
  if (row.stripe_id !== null && row.stripe_id !== stripeId) return
  await apply(ports, row.id, { stripeId, factsOf: await readFacts(ports.stripe, there, row) })
}

/** A checkout that was paid says which subscription is followed from now on. */
export async function readCheckout(ports: Selling, there: Stripe.Checkout.Session): Promise<void> {
  const { stripe, db, log } = ports
  if (there.status !== 'complete') return
  const row = there.client_reference_id ? await findById(db, there.client_reference_id) : undefined
  const stripeId = idOf(there.subscription)
  if (!row || !stripeId) return log('info', 'subscription.unknown', { session: there.id })
  // Paid a while after it was completed: another event tells of that.
  if (there.payment_status === 'unpaid') return
  if (row.stripe_id !== null && row.stripe_id !== stripeId && (await isAlive(stripe, row.stripe_id)))
    return giveBack(ports, row.stripe_id, stripeId)
  const bought = await retrieve(stripe, stripeId)
  if (!bought) return
  const factsOf = await readFacts(stripe, bought, row)
  await apply(ports, row.id, { stripeId, factsOf: row => factsOf({ ...row, stripe_id: stripeId }) })
}

/** Somebody paid two checkouts: the second subscription ends, and what was paid for it goes back. */
async function giveBack({ stripe, log }: Selling, kept: string, extra: string): Promise<void> {
  const there = await retrieve(stripe, extra, ['latest_invoice.payments'])
  log('error', 'subscription.twice', { kept, extra })
  if (!there) return
  if (there.status !== 'canceled') await asking(() => stripe.subscriptions.cancel(extra))
  const bill = typeof there.latest_invoice === 'object' ? there.latest_invoice : null
  for (const { payment, status } of bill?.payments?.data ?? []) {
    const intent = idOf(payment.payment_intent ?? null)
    if (intent && status === 'paid')
      await asking(() => stripe.refunds.create({ payment_intent: intent }, { idempotencyKey: `twice ${intent}` }))
  }
}

async function namedBy({ db }: Selling, { metadata }: Stripe.Subscription) {
  return metadata.subscription ? findById(db, metadata.subscription) : undefined
}

/** Whether it can still be paid or resumed there. */
export async function isAlive(stripe: Stripe, id: string): Promise<boolean> {
  const there = await retrieve(stripe, id)
  return there !== null && there.status !== 'canceled' && there.status !== 'incomplete_expired'
}

const retrieve = (stripe: Stripe, id: string, more: readonly string[] = []) =>
  asking(() => stripe.subscriptions.retrieve(id, { expand: [...expand, ...more] })).catch(unlessMissing)
