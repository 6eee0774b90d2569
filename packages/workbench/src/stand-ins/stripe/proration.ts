// What a change of a subscription's items costs: pure, for the change itself and for its preview.

import type Stripe from 'stripe'
import { everyOf, type ItemAsk, makeItem, planOf, priceOf } from './item-shape.ts'
import { creditLine, debitLine, periodLine } from './lines.ts'
import { periodEnd } from './period.ts'
import { found, refuse } from './refusal.ts'
import type { World } from './world.ts'

export type ProrationBehavior = 'none' | 'create_prorations' | 'always_invoice'

export interface Change {
  /** All items as they are after it. */
  items: Stripe.SubscriptionItem[]
  lines: Stripe.InvoiceLineItem[]
  /** Another interval: a new period begins with it, and is billed at once. */
  anchor: number | null
}

/** @throws StripeRefusal for items and prices that are not there. */
export function changed(
  world: World,
  subscription: Stripe.Subscription,
  asked: readonly ItemAsk[],
  behavior: ProrationBehavior,
  at: number,
): Change {
  const before = subscription.items.data
  const [
    { current_period_start: start, current_period_end: end } = { current_period_start: at, current_period_end: at },
  ] = before
  if (at < start || at > end)
    refuse('Cannot specify a proration date outside of the current period.', { param: 'proration_date' })
  const items = before.map(item => structuredClone(item))
  for (const [n, one] of asked.entries()) apply(world, subscription, items, one, `items[${n}]`)
  const after = items.filter(item => item.quantity !== -1)
  if (after.length === 0) refuse('A subscription must have at least one item.', { param: 'items' })
  const [first] = before
  const every = everyOf(after)
  const known = first?.price.recurring
  if (every.interval !== known?.interval || every.interval_count !== known.interval_count)
    return { ...restarted(world, subscription, after, behavior, at), anchor: at }
  if (behavior === 'none' || subscription.status === 'trialing') return { items: after, lines: [], anchor: null }
  const lines = items.flatMap(item => {
    const old = before.find(({ id }) => id === item.id)
    const same = old && old.price.id === item.price.id && old.quantity === item.quantity
    if (same) return []
    const credit = old ? [creditLine(world, subscription.id, old, at)] : []
    const to = { price: item.price, quantity: item.quantity ?? 1 }
    return item.quantity === -1 ? credit : [...credit, debitLine(world, subscription.id, item, to, at)]
  })
  return { items: after, lines, anchor: null }
}

function restarted(
  world: World,
  subscription: Stripe.Subscription,
  items: Stripe.SubscriptionItem[],
  behavior: ProrationBehavior,
  at: number,
) {
  const credits =
    behavior === 'none' ? [] : subscription.items.data.map(item => creditLine(world, subscription.id, item, at))
  const period = { start: at, end: periodEnd(at, everyOf(items), at) }
  for (const item of items) {
    item.current_period_start = period.start
    item.current_period_end = period.end
  }
  return { items, lines: [...credits, ...items.map(item => periodLine(world, subscription.id, item, period))] }
}

/** A quantity of -1 marks what is taken away. */
function apply(
  world: World,
  subscription: Stripe.Subscription,
  items: Stripe.SubscriptionItem[],
  asked: ItemAsk,
  param: string,
): void {
  if (asked.id === undefined) {
    const [first] = items
    const item = makeItem(world, subscription.id, asked, `${param}[price]`)
    if (items.some(({ price, quantity }) => price.id === item.price.id && quantity !== -1))
      refuse(`Cannot add multiple subscription items with the same price: ${item.price.id}`, { param })
    item.current_period_start = first?.current_period_start ?? world.now()
    item.current_period_end = first?.current_period_end ?? world.now()
    items.push(item)
    return
  }
  const item = found(new Map(items.map(one => [one.id, one])), 'subscription_item', asked.id, `${param}[id]`)
  if (asked.deleted) item.quantity = -1
  else {
    if (asked.price || asked.price_data) item.price = priceOf(world, asked, `${param}[price]`)
    if (item.price.currency !== subscription.currency)
      refuse(`The price is in ${item.price.currency}, the subscription in ${subscription.currency}.`, {
        param: `${param}[price]`,
      })
    item.plan = planOf(item.price)
    if (asked.quantity !== undefined) item.quantity = asked.quantity
  }
}
