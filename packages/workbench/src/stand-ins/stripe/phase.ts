// A schedule's next phase, where a period begins with one.

import type Stripe from 'stripe'
import { planOf } from './item-shape.ts'
import { found } from './refusal.ts'
import type { World } from './world.ts'

/** A period begins: what its phase sells. */
export function enterPhase(world: World, subscription: Stripe.Subscription): void {
  const schedule = world.schedules.get(String(subscription.schedule))
  const next = schedule?.phases.find(one => one.start_date === world.now())
  if (!schedule || !next) return
  schedule.current_phase = { start_date: next.start_date, end_date: next.end_date }
  const [item] = subscription.items.data
  next.items.forEach((wanted, n) => {
    const sold = subscription.items.data[n]
    const price = found(world.prices, 'price', String(wanted.price))
    if (!sold || !item) return
    if (n === 0 && price.recurring?.interval !== sold.price.recurring?.interval)
      subscription.billing_cycle_anchor = world.now()
    sold.price = price
    sold.plan = planOf(price)
    sold.quantity = wanted.quantity ?? 1
  })
}
