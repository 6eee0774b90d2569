// A subscription from what is asked for, with its first invoice. `default_incomplete` waits for a person to pay.

import type Stripe from 'stripe'
import * as z from 'zod'
import { cancelIntent } from './charging.ts'
import { discountAsk, redeem } from './coupons.ts'
import { cardFor, collect, draft, finalize, intentOf, voided } from './invoice-life.ts'
import { everyOf, makeItem, newItemAsk } from './item-shape.ts'
import { holding, periodLine } from './lines.ts'
import { refusalOf } from './payment-intents.ts'
import { periodEnd } from './period.ts'
import { found, refuse } from './refusal.ts'
import { planRenewal } from './renewal.ts'
import { makeSetup } from './setup-intents.ts'
import { ask, flag, int, list, merged, metadata, text } from './shape.ts'
import { paymentSettings } from './subscription-shape.ts'
import { trialSettings } from './trial-shape.ts'
import { listOf, newId, type World } from './world.ts'

const day = 86_400

export const subscriptionAsk = ask({
  customer: text,
  items: list(newItemAsk),
  payment_behavior: z.enum(['allow_incomplete', 'default_incomplete', 'error_if_incomplete']).optional(),
  payment_settings: paymentSettings.optional(),
  default_payment_method: text.optional(),
  discounts: list(discountAsk).optional(),
  metadata: metadata.optional(),
  description: text.optional(),
  cancel_at_period_end: flag.optional(),
  off_session: flag.optional(),
  trial_period_days: int.optional(),
  trial_end: int.optional(),
  trial_settings: trialSettings.optional(),
  collection_method: z.literal('charge_automatically').optional(),
})
export type SubscriptionAsk = z.infer<typeof subscriptionAsk>
/** The same of Checkout, which knows the prices already. */
type Sold = Omit<SubscriptionAsk, 'items'> & { items: Parameters<typeof makeItem>[2][] }

/** Makes it, and tries to collect as it is asked to. @throws StripeRefusal 402 with error_if_incomplete. */
export function makeSubscription(world: World, asked: SubscriptionAsk): Stripe.Subscription {
  const behavior = asked.payment_behavior ?? 'allow_incomplete'
  const customer = found(world.customers, 'customer', asked.customer, 'customer')
  const method = asked.default_payment_method
  if (method && world.paymentMethods.get(method)?.customer !== customer.id)
    refuse(`No such PaymentMethod: '${method}'`, { code: 'resource_missing', param: 'default_payment_method' })
  const subscription = blank(world, customer, asked)
  const pays = method ?? customer.invoice_settings.default_payment_method
  const free = subscription.status === 'trialing' || total(subscription) === 0
  if (!pays && !free && behavior !== 'default_incomplete')
    refuse('This customer has no attached payment source or default payment method.', {
      code: 'resource_missing',
    })
  if (behavior === 'error_if_incomplete') refuseDecline(world, String(pays))
  world.subscriptions.set(subscription.id, subscription)
  subscription.discounts = (asked.discounts ?? []).map(
    one => redeem(world, one, { customer: customer.id, subscription: subscription.id }).id,
  )
  begin(world, subscription, customer)
  if (subscription.status === 'incomplete' && behavior !== 'default_incomplete') {
    const invoice = found(world.invoices, 'invoice', String(subscription.latest_invoice))
    collect(world, invoice, { present: asked.off_session !== true })
  }
  return subscription
}

/** One that Checkout makes: known at once, with nothing billed yet. */
export function newSubscription(world: World, customer: Stripe.Customer, asked: Sold): Stripe.Subscription {
  const subscription = blank(world, customer, asked)
  world.subscriptions.set(subscription.id, subscription)
  return subscription
}

const total = ({ items }: Stripe.Subscription) =>
  items.data.reduce((sum, { price, quantity }) => sum + (price.unit_amount ?? 0) * (quantity ?? 1), 0)

function refuseDecline(world: World, method: string): void {
  const card = world.cards.get(method) ?? 'works'
  if (card === 'works') return
  throw refusalOf(world, null, card)
}

/** The first invoice, and what is to be done at the end of its period. */
export function begin(world: World, subscription: Stripe.Subscription, customer: Stripe.Customer): void {
  const [item] = subscription.items.data
  if (!item) return
  const period = { start: item.current_period_start, end: item.current_period_end }
  const trial = subscription.status === 'trialing'
  world.emit('customer.subscription.created', subscription)
  const lines = subscription.items.data.map(one => periodLine(world, subscription.id, one, period))
  if (trial)
    for (const line of lines) {
      line.amount = 0
      line.subtotal = 0
      line.description = `Trial period for ${line.description}`
    }
  const invoice = draft(world, {
    customer,
    subscription,
    reason: 'subscription_create',
    lines,
    discounts: trial ? [] : holding(world, subscription.discounts as string[]),
    period: { start: world.now(), end: world.now() },
    currency: subscription.currency,
  })
  finalize(world, invoice)
  planRenewal(world, subscription)
  if (subscription.status === 'incomplete') planExpiry(world, subscription, invoice)
  if (trial && !cardFor(world, invoice)) {
    const setup = makeSetup(world, { customer: customer.id, usage: 'off_session' })
    subscription.pending_setup_intent = setup.id
  }
}

/** Nobody paid within 23 hours. */
function planExpiry(world: World, subscription: Stripe.Subscription, invoice: Stripe.Invoice): void {
  world.at(world.now() + 23 * 3600, () => {
    if (subscription.status !== 'incomplete') return
    subscription.status = 'incomplete_expired'
    subscription.ended_at = world.now()
    const intent = intentOf(world, invoice.id)
    if (intent && intent.status !== 'succeeded') cancelIntent(world, intent, 'void_invoice')
    voided(world, invoice)
    world.emit('customer.subscription.updated', subscription, { status: 'incomplete', ended_at: null })
  })
}

function blank(world: World, customer: Stripe.Customer, asked: Sold): Stripe.Subscription {
  const id = newId('sub')
  const items = asked.items.map((item, n) => makeItem(world, id, item, `items[${n}][price]`))
  const every = everyOf(items)
  const now = world.now()
  const trialEnd = asked.trial_end ?? (asked.trial_period_days ? now + asked.trial_period_days * day : null)
  const end = trialEnd ?? periodEnd(now, every, now)
  for (const item of items) {
    item.current_period_start = now
    item.current_period_end = end
  }
  return {
    id,
    object: 'subscription',
    application: null,
    application_fee_percent: null,
    automatic_tax: { disabled_reason: null, enabled: false, liability: null },
    billing_cycle_anchor: trialEnd ?? now,
    billing_cycle_anchor_config: null,
    billing_mode: { flexible: { proration_discounts: 'included' }, type: 'flexible' },
    billing_schedules: [],
    billing_thresholds: null,
    cancel_at: asked.cancel_at_period_end ? end : null,
    cancel_at_period_end: asked.cancel_at_period_end ?? false,
    canceled_at: asked.cancel_at_period_end ? now : null,
    cancellation_details: { comment: null, feedback: null, feedback_option: null, reason: null },
    collection_method: 'charge_automatically',
    created: now,
    currency: items[0]?.price.currency ?? 'usd',
    customer: customer.id,
    customer_account: null,
    days_until_due: null,
    default_payment_method: asked.default_payment_method ?? null,
    default_source: null,
    default_tax_rates: [],
    description: asked.description ?? null,
    discounts: [],
    ended_at: null,
    invoice_settings: {
      account_tax_ids: null,
      custom_fields: null,
      description: null,
      footer: null,
      issuer: { type: 'self' },
    },
    items: listOf(items, `/v1/subscription_items?subscription=${id}`),
    latest_invoice: null,
    livemode: false,
    managed_payments: null,
    metadata: merged({}, asked.metadata),
    next_pending_invoice_item_invoice: null,
    on_behalf_of: null,
    pause_collection: null,
    payment_settings: {
      payment_method_options: null,
      payment_method_types: null,
      save_default_payment_method: asked.payment_settings?.save_default_payment_method ?? 'off',
    },
    pending_invoice_item_interval: null,
    pending_setup_intent: null,
    pending_update: null,
    schedule: null,
    start_date: now,
    status: trialEnd ? 'trialing' : 'incomplete',
    test_clock: null,
    transfer_data: null,
    trial_end: trialEnd,
    trial_settings: {
      end_behavior: {
        billing_cycle_anchor: null,
        missing_payment_method: asked.trial_settings?.end_behavior.missing_payment_method ?? 'create_invoice',
      },
    },
    trial_start: trialEnd ? now : null,
  }
}
