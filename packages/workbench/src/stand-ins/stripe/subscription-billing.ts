// The lines that a change of a subscription makes: billed at once, or kept for the next invoice.

import type Stripe from 'stripe'
import { collect, draft, finalize } from './invoice-life.ts'
import { discount, holding, remember } from './lines.ts'
import type { Change } from './proration.ts'
import { found } from './refusal.ts'
import type { World } from './world.ts'

export function bill(
  world: World,
  subscription: Stripe.Subscription,
  { lines, anchor, items }: Change,
  how: string,
): void {
  if (lines.length === 0) return
  keepBilled(world, lines, items, holding(world, subscription.discounts as string[]))
  const pending = world.pendingLines.get(subscription.id) ?? []
  if (anchor === null && how !== 'always_invoice') {
    world.pendingLines.set(subscription.id, [...pending, ...lines])
    return
  }
  world.pendingLines.delete(subscription.id)
  charged(world, subscription, [...pending, ...lines])
}

/** Keeps what lines bill for the rest of their items' periods. */
export function keepBilled(
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

/** An invoice of these lines, tried at once. */
export function charged(world: World, subscription: Stripe.Subscription, lines: Stripe.InvoiceLineItem[]): void {
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
