import type { Total } from '@spoq/contracts/subscription'
import { customerOf } from '../stripe/customer.ts'
import type { Stripe } from '../stripe/open.ts'
import { asking } from '../stripe/problem.ts'
import { couponOf } from './coupon.ts'
import { hasPlan } from './lifecycle.ts'
import type { Selling } from './ports.ts'
import { centsOf, priceOf } from './price.ts'
import { findOf } from './store.ts'
import type { Wish } from './subscribe.ts'

/**
 * What a plan would cost, now and then: what Stripe itself would write on the next invoice.
 * @throws SpoqError `plan_not_sold`, `coupon_unknown`, `billing_unavailable`.
 */
export async function preview(ports: Selling, account: string, wish: Wish): Promise<Total> {
  const { stripe, db, now } = ports
  const thenCents = centsOf(wish.plan, wish.interval)
  const price = await priceOf(ports, wish.plan, wish.interval)
  const customer = await customerOf(ports, account)
  const discounts = wish.coupon ? { discounts: [{ promotion_code: await couponOf(stripe, wish.coupon) }] } : {}
  const row = await findOf(db, account)
  const stripeId = row && hasPlan(row.state) ? row.stripe_id : null
  const at = stripeId === null ? null : Math.floor(now() / 1_000)
  const asked: Stripe.InvoiceCreatePreviewParams =
    stripeId === null || at === null
      ? { customer, subscription_details: { items: [{ price }] }, ...discounts }
      : {
          customer,
          subscription: stripeId,
          ...discounts,
          subscription_details: await changed(stripe, stripeId, price, at),
        }
  const invoice = await asking(() => stripe.invoices.createPreview(asked))
  const discountCents = (invoice.total_discount_amounts ?? []).reduce((sum, { amount }) => sum + amount, 0)
  return {
    nowCents: invoice.total,
    discountCents,
    thenCents,
    currency: invoice.currency,
    at: at === null ? null : new Date(at * 1_000).toISOString(),
  }
}

/** How a subscription goes to another price: at once, the difference reckoned by the second. */
export async function changed(stripe: Stripe, subscription: string, price: string, at: number) {
  const there = await asking(() => stripe.subscriptions.retrieve(subscription))
  const items = [{ id: there.items.data[0]?.id as string, price }]
  return { items, proration_behavior: 'always_invoice' as const, proration_date: at }
}
