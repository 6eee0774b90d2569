// Changes of a subscription that is there: other prices, cards, the end at a period's end, and the end at once.

import type Stripe from 'stripe'
import * as z from 'zod'
import { discountAsk, redeem } from './coupons.ts'
import { cardFor, collect, draft, finalize, voided } from './invoice-life.ts'
import { itemsAsk } from './item-shape.ts'
import { creditLine, discount, holding, periodLine, remember } from './lines.ts'
import { refusalOf } from './payment-intents.ts'
import { periodEnd } from './period.ts'
import { type Change, changed } from './proration.ts'
import { found, refuse } from './refusal.ts'
import { planRenewal } from './renewal.ts'
import { ask, clearable, flag, int, list, merged, metadata } from './shape.ts'
import { paymentSettings } from './subscription-making.ts'
import { end, resumed } from './subscription-status.ts'
import { trialSettings } from './trial-shape.ts'
import { change, type World } from './world.ts'

const behavior = z.enum(['none', 'create_prorations', 'always_invoice'])
const cancellation = z.strictObject({
  comment: clearable.optional(),
  feedback: z
    .enum([
      'customer_service',
      'low_quality',
      'missing_features',
      'other',
      'switched_service',
      'too_complex',
      'too_expensive',
      'unused',
    ])
    .optional(),
})
export const updateAsk = ask({
  items: itemsAsk.optional(),
  proration_behavior: behavior.optional(),
  proration_date: int.optional(),
  payment_behavior: z.enum(['allow_incomplete', 'error_if_incomplete']).optional(),
  cancel_at_period_end: flag.optional(),
  cancellation_details: cancellation.optional(),
  default_payment_method: clearable.optional(),
  discounts: z.union([z.literal(''), list(discountAsk)]).optional(),
  metadata: metadata.optional(),
  description: clearable.optional(),
  payment_settings: paymentSettings.optional(),
  trial_end: z.literal('now').optional(),
  trial_settings: trialSettings.optional(),
  off_session: flag.optional(),
})
export const cancelAsk = ask({
  invoice_now: flag.optional(),
  prorate: flag.optional(),
  cancellation_details: cancellation.optional(),
})
export const resumeAsk = ask({
  billing_cycle_anchor: z.literal('now').optional(),
  proration_behavior: behavior.optional(),
})

const over = (subscription: Stripe.Subscription) =>
  subscription.status === 'canceled' || subscription.status === 'incomplete_expired'

export function update(world: World, subscription: Stripe.Subscription, asked: z.infer<typeof updateAsk>) {
  if (over(subscription) && Object.keys(asked).some(key => key !== 'cancellation_details' && key !== 'metadata'))
    refuse('A canceled subscription can only update its cancellation_details and metadata.', {
      code: 'resource_missing',
    })
  if (subscription.status === 'incomplete' && asked.items)
    refuse('The subscription is incomplete: its items cannot change before its first invoice is paid.')
  const how = asked.proration_behavior ?? 'create_prorations'
  const at = asked.proration_date ?? world.now()
  const wanted = asked.items && changed(world, subscription, asked.items, how, at)
  if (
    wanted &&
    asked.payment_behavior === 'error_if_incomplete' &&
    (how === 'always_invoice' || wanted.anchor !== null)
  )
    refuseDecline(world, subscription, wanted)
  change(world, subscription, 'customer.subscription.updated', one => {
    plain(world, one, asked)
    if (wanted) one.items.data = wanted.items
    if (wanted && wanted.anchor !== null) one.billing_cycle_anchor = wanted.anchor
  })
  if (wanted) bill(world, subscription, wanted, how)
  if (wanted && wanted.anchor !== null) planRenewal(world, subscription)
  return subscription
}

function plain(world: World, one: Stripe.Subscription, asked: z.infer<typeof updateAsk>): void {
  const customer = String(one.customer)
  one.metadata = merged(one.metadata, asked.metadata)
  if (asked.description !== undefined) one.description = asked.description || null
  if (asked.default_payment_method !== undefined) {
    const method = asked.default_payment_method
    if (method && world.paymentMethods.get(method)?.customer !== customer)
      refuse(`No such PaymentMethod: '${method}'`, { code: 'resource_missing', param: 'default_payment_method' })
    one.default_payment_method = method || null
  }
  if (asked.payment_settings && one.payment_settings)
    one.payment_settings.save_default_payment_method = asked.payment_settings.save_default_payment_method
  if (asked.trial_settings && one.trial_settings)
    one.trial_settings.end_behavior.missing_payment_method = asked.trial_settings.end_behavior.missing_payment_method
  if (asked.cancel_at_period_end !== undefined) atPeriodEnd(world, one, asked.cancel_at_period_end)
  if (asked.cancellation_details) note(one, asked.cancellation_details)
  if (asked.discounts !== undefined)
    one.discounts = (asked.discounts || []).map(wanted => redeem(world, wanted, { customer, subscription: one.id }).id)
}

function atPeriodEnd(world: World, one: Stripe.Subscription, wanted: boolean): void {
  if (one.cancel_at_period_end === wanted) return
  one.cancel_at_period_end = wanted
  one.cancel_at = wanted ? (one.items.data[0]?.current_period_end ?? null) : null
  one.canceled_at = wanted ? world.now() : null
  one.cancellation_details = {
    comment: null,
    feedback: null,
    feedback_option: null,
    reason: wanted ? 'cancellation_requested' : null,
  }
}

function note(one: Stripe.Subscription, asked: z.infer<typeof cancellation>): void {
  const before = one.cancellation_details
  one.cancellation_details = {
    comment: asked.comment ?? before?.comment ?? null,
    feedback: asked.feedback ?? before?.feedback ?? null,
    feedback_option: null,
    reason: before?.reason ?? null,
  }
}

/** Bills the lines at once, or keeps them for the next invoice. */
function bill(world: World, subscription: Stripe.Subscription, { lines, anchor, items }: Change, how: string): void {
  if (lines.length === 0) return
  const discounts = holding(world, subscription.discounts as string[])
  keepBilled(world, lines, items, discounts)
  if (anchor === null && how !== 'always_invoice') {
    world.pendingLines.set(subscription.id, [...(world.pendingLines.get(subscription.id) ?? []), ...lines])
    return
  }
  const pending = world.pendingLines.get(subscription.id) ?? []
  world.pendingLines.delete(subscription.id)
  charged(world, subscription, [...pending, ...lines])
}

function keepBilled(
  world: World,
  lines: Stripe.InvoiceLineItem[],
  items: Stripe.SubscriptionItem[],
  discounts: Stripe.Discount[],
): void {
  const net = structuredClone(lines)
  discount(world, net, discounts)
  for (const line of net) {
    const id = line.parent?.subscription_item_details?.subscription_item
    remember(
      world,
      line,
      items.find(item => item.id === id),
    )
  }
}

function charged(world: World, subscription: Stripe.Subscription, lines: Stripe.InvoiceLineItem[]): void {
  const invoice = draft(world, {
    customer: found(world.customers, 'customer', String(subscription.customer)),
    subscription,
    reason: 'subscription_update',
    lines,
    discounts: holding(world, subscription.discounts as string[]),
    period: { start: world.now(), end: world.now() },
    currency: subscription.currency,
  })
  finalize(world, invoice)
  if (invoice.status === 'open') collect(world, invoice, { automatic: true })
}

function refuseDecline(world: World, subscription: Stripe.Subscription, { lines }: Change): void {
  const sum = lines.reduce((total, { amount }) => total + amount, 0)
  const invoice = world.invoices.get(String(subscription.latest_invoice))
  const method = invoice && cardFor(world, invoice)
  const card = method ? (world.cards.get(method.id) ?? 'works') : 'card_declined'
  if (sum > 0 && card !== 'works') throw refusalOf(world, null, card)
}

/** Ends it at once. What is left of its period is given back only where that is asked for. */
export function cancel(world: World, subscription: Stripe.Subscription, asked: z.infer<typeof cancelAsk>) {
  if (over(subscription))
    refuse(`No such subscription: '${subscription.id}'`, { code: 'resource_missing', param: 'id', status: 404 })
  const { status } = subscription
  const at = world.now()
  const credits = asked.prorate ? subscription.items.data.map(item => creditLine(world, subscription.id, item, at)) : []
  const latest = world.invoices.get(String(subscription.latest_invoice))
  if (status === 'incomplete' && latest?.status === 'open') voided(world, latest)
  if (asked.cancellation_details) note(subscription, asked.cancellation_details)
  if (asked.invoice_now && credits.length > 0) charged(world, subscription, credits)
  end(world, subscription, 'cancellation_requested')
  return subscription
}

/** A paused one goes on: a new period begins, and is billed. */
export function resume(world: World, subscription: Stripe.Subscription): Stripe.Subscription {
  if (subscription.status !== 'paused')
    refuse(`Only subscriptions with the status paused can be resumed; this one is ${subscription.status}.`)
  const now = world.now()
  for (const item of subscription.items.data) {
    item.current_period_start = now
    item.current_period_end = periodEnd(now, item.price.recurring ?? { interval: 'month', interval_count: 1 }, now)
  }
  subscription.billing_cycle_anchor = now
  const period = { start: now, end: subscription.items.data[0]?.current_period_end ?? now }
  charged(
    world,
    subscription,
    subscription.items.data.map(item => periodLine(world, subscription.id, item, period)),
  )
  const latest = world.invoices.get(String(subscription.latest_invoice))
  if (subscription.status === 'paused' && latest?.status === 'paid') resumed(world, subscription)
  planRenewal(world, subscription)
  return subscription
}
