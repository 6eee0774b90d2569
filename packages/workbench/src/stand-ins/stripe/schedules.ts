// Schedules: what a subscription sells from a later period on, as a downgrade that waits for the end of what is paid.

import type Stripe from 'stripe'
import * as z from 'zod'
import { priceOf } from './item-shape.ts'
import { nthPeriod, periodEnd } from './period.ts'
import { found, refuse } from './refusal.ts'
import { page, route } from './route.ts'
import { ask, int, list, merged, metadata, pages, text } from './shape.ts'
import { cancel } from './subscription-change.ts'
import { change, newId, type World } from './world.ts'

const behavior = z.enum(['none', 'create_prorations', 'always_invoice'])
const phase = z.strictObject({
  items: list(z.strictObject({ price: text, quantity: int.optional() })),
  start_date: int.optional(),
  end_date: int.optional(),
  duration: z
    .strictObject({ interval: z.enum(['day', 'week', 'month', 'year']), interval_count: int.optional() })
    .optional(),
  proration_behavior: behavior.optional(),
  metadata: metadata.optional(),
})
const updateAsk = ask({
  phases: list(phase).optional(),
  end_behavior: z.enum(['release', 'cancel']).optional(),
  proration_behavior: behavior.optional(),
  metadata: metadata.optional(),
})

function fromSubscription(world: World, id: string): Stripe.SubscriptionSchedule {
  const subscription = found(world.subscriptions, 'subscription', id, 'from_subscription')
  if (subscription.schedule)
    refuse(`You cannot migrate a subscription that is already attached to a schedule: ${subscription.schedule}.`)
  if (!['active', 'trialing', 'past_due'].includes(subscription.status))
    refuse(`The subscription is ${subscription.status}: it has no schedule.`)
  const [item] = subscription.items.data
  const start = item?.current_period_start ?? world.now()
  const end = item?.current_period_end ?? world.now()
  const items = subscription.items.data.map(({ price, quantity }) => ({ price: price.id, quantity: quantity ?? 1 }))
  const schedule: Stripe.SubscriptionSchedule = {
    id: newId('sub_sched'),
    object: 'subscription_schedule',
    application: null,
    billing_mode: { flexible: { proration_discounts: 'included' }, type: 'flexible' },
    canceled_at: null,
    completed_at: null,
    created: world.now(),
    current_phase: { start_date: start, end_date: end },
    customer: subscription.customer,
    customer_account: null,
    default_settings: {
      application_fee_percent: null,
      automatic_tax: { disabled_reason: null, enabled: false, liability: null },
      billing_cycle_anchor: 'automatic',
      billing_thresholds: null,
      collection_method: 'charge_automatically',
      default_payment_method: null,
      description: null,
      invoice_settings: {
        account_tax_ids: null,
        custom_fields: null,
        days_until_due: null,
        description: null,
        footer: null,
        issuer: { type: 'self' },
      },
      on_behalf_of: null,
      transfer_data: null,
    },
    end_behavior: 'release',
    livemode: false,
    metadata: {},
    pause_schedules: [],
    phases: [phaseOf(subscription.currency, items, start, end, 'create_prorations')],
    released_at: null,
    released_subscription: null,
    status: 'active',
    subscription: subscription.id,
    test_clock: null,
  }
  world.schedules.set(schedule.id, schedule)
  subscription.schedule = schedule.id
  world.emit('subscription_schedule.created', schedule)
  return schedule
}

function phaseOf(
  currency: string,
  items: { price: string; quantity: number }[],
  start: number,
  end: number,
  proration: Stripe.SubscriptionSchedule.Phase.ProrationBehavior,
): Stripe.SubscriptionSchedule.Phase {
  return {
    add_invoice_items: [],
    application_fee_percent: null,
    billing_cycle_anchor: null,
    billing_thresholds: null,
    collection_method: null,
    currency,
    default_payment_method: null,
    default_tax_rates: [],
    description: null,
    discounts: [],
    end_date: end,
    invoice_settings: null,
    items: items.map(({ price, quantity }) => ({
      billing_thresholds: null,
      discounts: [],
      metadata: {},
      plan: price,
      price,
      quantity,
      tax_rates: [],
    })),
    metadata: {},
    on_behalf_of: null,
    proration_behavior: proration,
    start_date: start,
    transfer_data: null,
    trial_end: null,
  }
}

function update(world: World, schedule: Stripe.SubscriptionSchedule, asked: z.infer<typeof updateAsk>) {
  if (schedule.status !== 'active') refuse(`The schedule is ${schedule.status}: it cannot change.`)
  return change(world, schedule, 'subscription_schedule.updated', one => {
    if (asked.end_behavior) one.end_behavior = asked.end_behavior
    one.metadata = merged(one.metadata ?? {}, asked.metadata)
    if (asked.phases) one.phases = phases(world, one, asked.phases)
    planEnd(world, one)
  })
}

/** One phase after the other; the first is the one that has begun, and a later one begins with a period. */
function phases(world: World, schedule: Stripe.SubscriptionSchedule, asked: z.infer<typeof phase>[]) {
  const { current_phase: current, subscription: id } = schedule
  const subscription = found(world.subscriptions, 'subscription', String(id))
  if (asked[0]?.start_date !== current?.start_date)
    refuse('You can not modify the start date of the current phase.', { param: 'phases[0][start_date]' })
  const made: Stripe.SubscriptionSchedule.Phase[] = []
  for (const [n, one] of asked.entries()) {
    const start = n === 0 ? (current?.start_date ?? 0) : (made[n - 1]?.end_date ?? 0)
    if (n > 0 && one.start_date !== undefined && one.start_date !== start)
      refuse('Phases follow each other without a gap.', { param: `phases[${n}][start_date]` })
    const items = one.items.map((item, at) => {
      const price = priceOf(world, item, `phases[${n}][items][${at}][price]`)
      return { price, quantity: item.quantity ?? 1 }
    })
    const every = items[0]?.price.recurring ?? refuse('A phase needs a recurring price.', { param: `phases[${n}]` })
    const duration = one.duration && { ...one.duration, interval_count: one.duration.interval_count ?? 1 }
    const end = one.end_date ?? (duration ? nthPeriod(start, duration, 1) : periodEnd(start, every, start))
    if (n === 0 && asked.length > 1 && end !== subscription.items.data[0]?.current_period_end)
      refuse('In this stand-in the current phase ends with the current period.', { param: 'phases[0][end_date]' })
    const sold = items.map(({ price, quantity }) => ({ price: price.id, quantity }))
    made.push(phaseOf(subscription.currency, sold, start, end, one.proration_behavior ?? 'create_prorations'))
  }
  return made
}

function planEnd(world: World, schedule: Stripe.SubscriptionSchedule): void {
  const end = schedule.phases.at(-1)?.end_date ?? 0
  world.at(end, () => {
    if (schedule.status !== 'active' || schedule.phases.at(-1)?.end_date !== end) return
    if (schedule.end_behavior === 'cancel') {
      const subscription = world.subscriptions.get(String(schedule.subscription))
      if (subscription && subscription.status !== 'canceled') cancel(world, subscription, {})
    }
    release(world, schedule)
  })
}

/** The schedule is over, the subscription goes on as it is. */
export function release(world: World, schedule: Stripe.SubscriptionSchedule): Stripe.SubscriptionSchedule {
  if (schedule.status !== 'active') refuse(`The schedule is ${schedule.status}: it cannot be released.`)
  const subscription = world.subscriptions.get(String(schedule.subscription))
  if (subscription) subscription.schedule = null
  return change(world, schedule, 'subscription_schedule.released', one => {
    one.status = 'released'
    one.released_at = world.now()
    one.released_subscription = String(one.subscription)
    one.subscription = null
    one.current_phase = null
  })
}

export const scheduleRoutes = [
  route('POST', '/v1/subscription_schedules', ask({ from_subscription: text }), ({ world, ask: asked }) =>
    fromSubscription(world, asked.from_subscription),
  ),
  route('GET', '/v1/subscription_schedules', ask({ customer: text.optional(), ...pages }), asked =>
    page(
      [...asked.world.schedules.values()].filter(
        one => asked.ask.customer === undefined || one.customer === asked.ask.customer,
      ),
      asked.ask,
      asked.path,
    ),
  ),
  route('GET', '/v1/subscription_schedules/{id}', ask({}), ({ world, id }) =>
    found(world.schedules, 'subscription_schedule', id),
  ),
  route('POST', '/v1/subscription_schedules/{id}', updateAsk, ({ world, id, ask: asked }) =>
    update(world, found(world.schedules, 'subscription_schedule', id), asked),
  ),
  route('POST', '/v1/subscription_schedules/{id}/release', ask({}), ({ world, id }) =>
    release(world, found(world.schedules, 'subscription_schedule', id)),
  ),
]
