// A subscription as it begins, with its items, before anything is billed.

import type Stripe from 'stripe'
import { everyOf, makeItem } from './item-shape.ts'
import { periodEnd } from './period.ts'
import { merged } from './shape.ts'
import type { SubscriptionAsk } from './subscription-shape.ts'
import { listOf, newId, type World } from './world.ts'

const day = 86_400

/** The same of Checkout, which knows the prices already. */
export type Sold = Omit<SubscriptionAsk, 'items'> & { items: Parameters<typeof makeItem>[2][] }

/** Known to nobody yet. */
export function blank(world: World, customer: Stripe.Customer, asked: Sold): Stripe.Subscription {
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
