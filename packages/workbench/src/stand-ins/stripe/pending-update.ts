// A change that counts only once it is paid (`pending_if_incomplete`): until then the subscription stays as it was.

import type Stripe from 'stripe'
import { cardFor, collect, draft, finalize, voided } from './invoice-life.ts'
import { holding } from './lines.ts'
import type { Change } from './proration.ts'
import { found } from './refusal.ts'
import { planRenewal } from './renewal.ts'
import { keepBilled } from './subscription-billing.ts'
import { change, type World } from './world.ts'

const updated = 'customer.subscription.updated'

/** Bills a change; it holds at once when the card pays. */
export function pend(world: World, subscription: Stripe.Subscription, wanted: Change): void {
  const latest = subscription.latest_invoice
  const invoice = draft(world, {
    customer: found(world.customers, 'customer', String(subscription.customer)),
    subscription,
    reason: 'subscription_update',
    lines: wanted.lines,
    discounts: holding(world, subscription.discounts as string[]),
    period: { start: world.now(), end: world.now() },
    currency: subscription.currency,
  })
  const expires = world.now() + 23 * 3600
  let told = false
  const apply = () => {
    subscription.pending_update = null
    if (wanted.anchor === null) samePeriod(subscription, wanted.items)
    change(world, subscription, updated, one => {
      one.items.data = wanted.items
      if (wanted.anchor !== null) one.billing_cycle_anchor = wanted.anchor
    })
    keepBilled(world, wanted.lines, wanted.items, [])
    if (wanted.anchor !== null) planRenewal(world, subscription)
    if (told) world.emit('customer.subscription.pending_update_applied', subscription)
  }
  world.whenPaid.set(invoice.id, apply)
  subscription.pending_update = pendingOf(wanted, expires)
  finalize(world, invoice)
  if (invoice.status === 'open') collect(world, invoice, { method: cardFor(world, invoice) })
  if (invoice.status === 'paid') return
  told = true
  world.emit(updated, subscription, { pending_update: null, latest_invoice: latest })
  world.at(expires, () => {
    if (invoice.status !== 'open') return
    world.whenPaid.delete(invoice.id)
    voided(world, invoice)
    subscription.pending_update = null
    world.emit('customer.subscription.pending_update_expired', subscription)
  })
}

/** A period may have ended meanwhile. */
function samePeriod({ items }: Stripe.Subscription, wanted: Stripe.SubscriptionItem[]): void {
  const [now] = items.data
  if (!now) return
  for (const item of wanted) {
    item.current_period_start = now.current_period_start
    item.current_period_end = now.current_period_end
  }
}

const pendingOf = ({ items, anchor }: Change, expires: number): Stripe.Subscription.PendingUpdate => ({
  billing_cycle_anchor: anchor,
  cancel_at_period_end: null,
  discount: null,
  discounts: null,
  expires_at: expires,
  metadata: null,
  subscription_items: items,
  trial_end: null,
  trial_from_plan: null,
})
