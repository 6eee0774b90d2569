// What a subscription is asked to sell, and what it sells then.

import type Stripe from 'stripe'
import * as z from 'zod'
import { makePrice, priceData } from './prices.ts'
import { found, refuse } from './refusal.ts'
import { flag, int, list, merged, metadata, text } from './shape.ts'
import { newId, type World } from './world.ts'

export const itemAsk = z.strictObject({
  id: text.optional(),
  price: text.optional(),
  price_data: priceData.omit({ product_data: true }).optional(),
  quantity: int.optional(),
  deleted: flag.optional(),
  metadata: metadata.optional(),
})
export const newItemAsk = itemAsk.omit({ id: true, deleted: true })
export const itemsAsk = list(itemAsk)
export type ItemAsk = z.infer<typeof itemAsk>

/** The price that is asked for: a known one, or one that is made for it. */
export function priceOf(world: World, asked: Pick<ItemAsk, 'price' | 'price_data'>, param: string): Stripe.Price {
  if (asked.price_data) return makePrice(world, asked.price_data, false)
  const price = found(world.prices, 'price', asked.price ?? '', param)
  if (!price.active)
    refuse('The price specified is inactive. This field only accepts active prices.', { param, code: 'price_inactive' })
  return price
}

export function makeItem(
  world: World,
  subscription: string,
  asked: Omit<ItemAsk, 'price'> & { price?: string | Stripe.Price | undefined },
  param: string,
): Stripe.SubscriptionItem {
  // One that Checkout has sold is taken as it is: what is made for a session is never active.
  const price = typeof asked.price === 'object' ? asked.price : priceOf(world, { ...asked, price: asked.price }, param)
  if (!price.recurring)
    refuse('The price specified is set to `type=one_time` but this field only accepts prices with `type=recurring`.', {
      param,
    })
  const item: Stripe.SubscriptionItem = {
    id: newId('si'),
    object: 'subscription_item',
    billing_thresholds: null,
    created: world.now(),
    current_period_end: 0,
    current_period_start: 0,
    current_trial: null,
    discounts: [],
    metadata: merged({}, asked.metadata),
    plan: planOf(price),
    price,
    quantity: asked.quantity ?? 1,
    subscription,
    tax_rates: [],
  }
  return item
}

export const planOf = (price: Stripe.Price): Stripe.Plan => ({
  id: price.id,
  object: 'plan',
  active: price.active,
  amount: price.unit_amount,
  amount_decimal: price.unit_amount_decimal,
  billing_scheme: 'per_unit',
  created: price.created,
  currency: price.currency,
  interval: price.recurring?.interval ?? 'month',
  interval_count: price.recurring?.interval_count ?? 1,
  livemode: false,
  metadata: {},
  meter: null,
  nickname: price.nickname,
  product: price.product,
  tiers_mode: null,
  transform_usage: null,
  trial_period_days: null,
  usage_type: 'licensed',
})

/** All items of a subscription are billed together. */
export function everyOf(items: readonly Stripe.SubscriptionItem[]): Stripe.Price.Recurring {
  const [first, ...rest] = items.map(({ price }) => price.recurring)
  if (!first) refuse('A subscription needs an item with a recurring price.', { param: 'items' })
  if (rest.some(one => one?.interval !== first.interval || one.interval_count !== first.interval_count))
    refuse('Currently, all prices on a subscription must have the same `recurring.interval`.', { param: 'items' })
  return first
}
