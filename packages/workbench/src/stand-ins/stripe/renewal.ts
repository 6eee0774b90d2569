// What happens when a period ends: the subscription ends, or the next period begins with an invoice.

import type Stripe from 'stripe'
import { cardFor, collect, draft, finalize } from './invoice-life.ts'
import { composed } from './invoice-making.ts'
import { everyOf } from './item-shape.ts'
import { holding, periodLine } from './lines.ts'
import { periodEnd } from './period.ts'
import { enterPhase } from './phase.ts'
import { found } from './refusal.ts'
import { afterPayment, end } from './subscription-status.ts'
import { change, type World } from './world.ts'

const day = 86_400
const over = ['canceled', 'incomplete_expired']

/** Plans the end of the current period. Called again whenever it changes. */
export function planRenewal(world: World, subscription: Stripe.Subscription): void {
  const due = subscription.items.data[0]?.current_period_end ?? 0
  const still = () =>
    !over.includes(subscription.status) &&
    subscription.status !== 'paused' &&
    subscription.items.data[0]?.current_period_end === due
  world.at(due, () => {
    if (still()) renew(world, subscription)
  })
  const upcoming = due - world.settings.upcomingDays * day
  if (upcoming > world.now())
    world.at(upcoming, () => {
      if (still() && !subscription.cancel_at_period_end) world.emit('invoice.upcoming', upcomingOf(world, subscription))
    })
  const { trial_end: trialEnd } = subscription
  if (subscription.status === 'trialing' && trialEnd === due)
    world.at(Math.max(world.now(), due - 3 * day), () => {
      if (still() && subscription.status === 'trialing')
        world.emit('customer.subscription.trial_will_end', subscription)
    })
}

function renew(world: World, subscription: Stripe.Subscription): void {
  if (subscription.status === 'incomplete') return
  if (subscription.cancel_at_period_end) {
    end(world, subscription, 'cancellation_requested')
    return
  }
  const customer = world.customers.get(String(subscription.customer))
  if (!customer) return
  const trial = subscription.status === 'trialing'
  if (trial && withoutCard(world, subscription)) return
  change(world, subscription, 'customer.subscription.updated', one => {
    enterPhase(world, one)
    const period = nextPeriod(one)
    if (trial) one.status = 'active'
    for (const item of one.items.data) {
      item.current_period_start = period.start
      item.current_period_end = period.end
    }
  })
  const [first] = subscription.items.data
  const period = { start: first?.current_period_start ?? 0, end: first?.current_period_end ?? 0 }
  const invoice = draft(world, {
    customer,
    subscription,
    reason: 'subscription_cycle',
    lines: [...takePending(world, subscription.id), ...cycleLines(world, subscription, period)],
    discounts: holding(world, subscription.discounts as string[]),
    period: { start: period.start - 1, end: period.start },
    currency: subscription.currency,
  })
  invoice.automatically_finalizes_at = world.now() + world.settings.draftSeconds
  world.at(invoice.automatically_finalizes_at, () => close(world, subscription, invoice))
  planRenewal(world, subscription)
}

function close(world: World, subscription: Stripe.Subscription, invoice: Stripe.Invoice): void {
  if (invoice.status !== 'draft' || subscription.status === 'unpaid' || over.includes(subscription.status)) return
  finalize(world, invoice)
  if (invoice.status === 'open') collect(world, invoice, { automatic: true })
  else afterPayment(world, invoice)
}

export const nextPeriod = (subscription: Stripe.Subscription) => {
  const start = subscription.items.data[0]?.current_period_end ?? 0
  return { start, end: periodEnd(subscription.billing_cycle_anchor, everyOf(subscription.items.data), start) }
}

export const cycleLines = (world: World, subscription: Stripe.Subscription, period: { start: number; end: number }) =>
  subscription.items.data.map(item => periodLine(world, subscription.id, item, period))

function takePending(world: World, subscription: string): Stripe.InvoiceLineItem[] {
  const lines = world.pendingLines.get(subscription) ?? []
  world.pendingLines.delete(subscription)
  return lines
}

/** A trial that ends without a card: as the subscription says. True when no period follows. */
function withoutCard(world: World, subscription: Stripe.Subscription): boolean {
  const invoice = world.invoices.get(String(subscription.latest_invoice))
  const behavior = subscription.trial_settings?.end_behavior.missing_payment_method
  if (behavior === 'create_invoice' || !invoice || cardFor(world, invoice)) return false
  if (behavior === 'cancel') {
    end(world, subscription, 'cancellation_requested')
    return true
  }
  change(world, subscription, 'customer.subscription.updated', one => {
    one.status = 'paused'
  })
  world.emit('customer.subscription.paused', subscription)
  return true
}

/** The renewal's invoice as it would be now. */
export function upcomingOf(world: World, subscription: Stripe.Subscription): Stripe.Invoice {
  const customer = found(world.customers, 'customer', String(subscription.customer))
  const period = nextPeriod(subscription)
  return composed(world, {
    customer,
    subscription,
    reason: 'upcoming',
    lines: [
      ...structuredClone(world.pendingLines.get(subscription.id) ?? []),
      ...cycleLines(world, subscription, period),
    ],
    discounts: holding(world, subscription.discounts as string[]),
    period: { start: period.start - 1, end: period.start },
    currency: subscription.currency,
  })
}
