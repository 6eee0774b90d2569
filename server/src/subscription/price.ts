// What plans cost, at Stripe: a price for each plan and interval, found by its lookup key and made when it is not there.

import { type BillingInterval, type PlanName, planNames } from '@spoq/contracts/plan'
import { SpoqError } from '@spoq/contracts/problem'
import { plans } from '../plan/table.ts'
import { asking } from '../stripe/problem.ts'
import type { Selling } from './ports.ts'

const currency = 'usd'
const keyOf = (plan: PlanName, interval: BillingInterval) => `spoq_${plan}_${interval}`

/** What a price of ours sells; null: it is none of ours. */
export function soldAs(key: string | null): { plan: PlanName; interval: BillingInterval } | null {
  for (const plan of planNames)
    for (const interval of ['month', 'year'] as const) if (key === keyOf(plan, interval)) return { plan, interval }
  return null
}

/** What it costs, in cents. @throws SpoqError `plan_not_sold`. */
export function centsOf(plan: PlanName, interval: BillingInterval): number {
  const cents = plans[plan].price[interval]
  if (cents) return cents
  const { title, price } = plans[plan]
  if (price.month) throw new SpoqError('plan_not_sold', { message: `${title} is sold by the month alone.` })
  throw new SpoqError('plan_not_sold', {
    message:
      price.month === 0 ? `${title} costs nothing: there is nothing to subscribe to.` : `${title} is had by contract.`,
  })
}

/**
 * The id of the price. When the table says another amount a new price takes the key over; who subscribed before keeps theirs.
 * @throws SpoqError `plan_not_sold`, `billing_unavailable`.
 */
export async function priceOf(
  { stripe, now }: Pick<Selling, 'stripe' | 'now'>,
  plan: PlanName,
  interval: BillingInterval,
): Promise<string> {
  const cents = centsOf(plan, interval)
  const key = keyOf(plan, interval)
  const found = await asking(() => stripe.prices.list({ lookup_keys: [key], active: true, limit: 1 }))
  const [there] = found.data
  if (there?.unit_amount === cents) return there.id
  const made = {
    currency,
    unit_amount: cents,
    recurring: { interval },
    lookup_key: key,
    transfer_lookup_key: true,
    product_data: { name: `Spoq ${plans[plan].title}` },
  }
  // A key that Stripe answers with a fault is one for an hour; the one before was looked for.
  const idempotencyKey = `price ${key} ${cents} ${Math.floor(now() / 3_600_000)}`
  return (await asking(() => stripe.prices.create(made, { idempotencyKey }))).id
}
