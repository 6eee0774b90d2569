// Changes of a subscription that is there: other prices, cards, the end at a period's end, and the end at once.

import type Stripe from 'stripe'
import type * as z from 'zod'
import { redeem } from './coupons.ts'
import { cardFor, voided } from './invoice-life.ts'
import { creditLine, periodLine } from './lines.ts'
import { refusalOf } from './payment-intents.ts'
import { pend } from './pending-update.ts'
import { periodEnd } from './period.ts'
import { type Change, changed } from './proration.ts'
import { refuse } from './refusal.ts'
import { planRenewal } from './renewal.ts'
import { merged } from './shape.ts'
import { bill, charged } from './subscription-billing.ts'
import type { cancelAsk, cancellation, updateAsk } from './subscription-shape.ts'
import { end, resumed } from './subscription-status.ts'
import { change, type World } from './world.ts'

const over = (subscription: Stripe.Subscription) =>
  subscription.status === 'canceled' || subscription.status === 'incomplete_expired'

type UpdateAsk = z.infer<typeof updateAsk>

export function update(world: World, subscription: Stripe.Subscription, asked: UpdateAsk): Stripe.Subscription {
  refuseWrong(subscription, asked)
  const how = asked.proration_behavior ?? 'create_prorations'
  const wanted = asked.items && changed(world, subscription, asked.items, how, asked.proration_date ?? world.now())
  const atOnce = wanted !== undefined && (how === 'always_invoice' || wanted.anchor !== null)
  if (atOnce && asked.payment_behavior === 'error_if_incomplete') refuseDecline(world, subscription, wanted)
  if (atOnce && asked.payment_behavior === 'pending_if_incomplete') {
    pend(world, subscription, wanted)
    return subscription
  }
  change(world, subscription, 'customer.subscription.updated', one => {
    plain(world, one, asked)
    if (wanted) one.items.data = wanted.items
    if (wanted && wanted.anchor !== null) one.billing_cycle_anchor = wanted.anchor
  })
  if (wanted) bill(world, subscription, wanted, how)
  if (wanted && wanted.anchor !== null) planRenewal(world, subscription)
  return subscription
}

function refuseWrong(subscription: Stripe.Subscription, asked: UpdateAsk): void {
  const stays = ['cancellation_details', 'metadata', 'expand']
  if (over(subscription) && Object.keys(asked).some(key => !stays.includes(key)))
    refuse('A canceled subscription can only update its cancellation_details and metadata.', {
      code: 'resource_missing',
    })
  if (subscription.schedule && asked.cancel_at_period_end !== undefined)
    refuse(`The subscription is managed by the subscription schedule \`${subscription.schedule}\`: release it first.`, {
      param: 'cancel_at_period_end',
    })
  if (subscription.status === 'incomplete' && asked.items)
    refuse('The subscription is incomplete: its items cannot change before its first invoice is paid.')
  if (asked.payment_behavior === 'pending_if_incomplete') onlyItems(asked)
}

/** What else is asked for cannot wait until it is paid. */
function onlyItems(asked: object): void {
  const may = ['items', 'proration_behavior', 'proration_date', 'payment_behavior', 'expand', 'off_session']
  const other = Object.keys(asked).find(key => !may.includes(key))
  if (other) refuse(`\`${other}\` cannot be passed with \`payment_behavior=pending_if_incomplete\`.`, { param: other })
}

function plain(world: World, one: Stripe.Subscription, asked: UpdateAsk): void {
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
