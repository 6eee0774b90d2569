// Lines of invoices: periods, prorations to the second, discounts. All amounts are cents.

import type Stripe from 'stripe'
import { share } from './period.ts'
import { decimal, idOf, newId, type World } from './world.ts'

interface LineAsk {
  item: Pick<Stripe.SubscriptionItem, 'id' | 'quantity'>
  subscription: string | null
  price: Stripe.Price
  amount: number
  period: { start: number; end: number }
  proration: boolean
  description: string
}

export function makeLine({ item, subscription, price, amount, period, proration, description }: LineAsk) {
  const line: Stripe.InvoiceLineItem = {
    id: newId('il'),
    object: 'line_item',
    amount,
    currency: price.currency,
    description,
    discount_amounts: [],
    discountable: !proration || amount > 0,
    discounts: [],
    invoice: null,
    livemode: false,
    metadata: {},
    parent: {
      invoice_item_details: null,
      subscription_item_details: {
        invoice_item: null,
        proration,
        proration_details: proration ? { credited_items: null } : null,
        subscription,
        subscription_item: item.id,
      },
      type: 'subscription_item_details',
    },
    period,
    pretax_credit_amounts: [],
    pricing: {
      price_details: { price: price.id, product: String(price.product) },
      type: 'price_details',
      unit_amount_decimal: decimal(price.unit_amount ?? 0),
    },
    quantity: item.quantity ?? 1,
    quantity_decimal: decimal(item.quantity ?? 1),
    subscription,
    subtotal: amount,
    taxes: [],
  }
  return line
}

export const amountOf = (price: Stripe.Price, quantity: number | undefined): number =>
  (price.unit_amount ?? 0) * (quantity ?? 1)

/** What an item costs for a whole period. */
export function periodLine(
  world: World,
  subscription: string | null,
  item: Pick<Stripe.SubscriptionItem, 'id' | 'quantity' | 'price'>,
  period: { start: number; end: number },
): Stripe.InvoiceLineItem {
  return makeLine({
    item,
    subscription,
    price: item.price,
    amount: amountOf(item.price, item.quantity),
    period,
    proration: false,
    description: `${item.quantity ?? 1} × ${nameOf(world, item.price)}`,
  })
}

/** What was billed for the time that is left, given back. */
export function creditLine(world: World, subscription: string, item: Stripe.SubscriptionItem, at: number) {
  const period = { start: at, end: item.current_period_end }
  const whole = item.current_period_end - item.current_period_start
  return makeLine({
    item,
    subscription,
    price: item.price,
    amount: share(-(world.billed.get(item.id) ?? 0), period.end - at, whole),
    period,
    proration: true,
    description: `Unused time on ${nameOf(world, item.price)}`,
  })
}

/** What another price costs for the time that is left. */
export function debitLine(
  world: World,
  subscription: string,
  item: Stripe.SubscriptionItem,
  to: { price: Stripe.Price; quantity: number },
  at: number,
) {
  const period = { start: at, end: item.current_period_end }
  const whole = item.current_period_end - item.current_period_start
  return makeLine({
    item: { id: item.id, quantity: to.quantity },
    subscription,
    price: to.price,
    amount: share(amountOf(to.price, to.quantity), period.end - at, whole),
    period,
    proration: true,
    description: `Remaining time on ${nameOf(world, to.price)}`,
  })
}

const nameOf = (world: World, price: Stripe.Price) => world.products.get(String(price.product))?.name ?? price.id

/** Discounts that hold at this time. */
export const holding = (world: World, ids: readonly string[]): Stripe.Discount[] =>
  ids
    .map(id => world.discounts.get(id))
    .filter(one => one !== undefined)
    .filter(({ end }) => end === null || end > world.now())

/**
 * Writes the discounts into lines; each takes from what the one before has left. A whole cent goes to the lines by
 * largest remainder, so that the sum is exact.
 * @returns what each discount takes, in cents.
 */
export function discount(world: World, lines: Stripe.InvoiceLineItem[], discounts: readonly Stripe.Discount[]) {
  return discounts.map(one => {
    const coupon = world.coupons.get(String(idOf(one.source.coupon)))
    const open = lines.filter(line => line.discountable && line.amount > 0)
    const left = open.map(line => line.amount - taken(line))
    const sum = left.reduce((total, cents) => total + cents, 0)
    const wanted = coupon?.percent_off
      ? share(sum, Math.round(coupon.percent_off * 10_000), 1_000_000)
      : Math.min(coupon?.amount_off ?? 0, sum)
    split(wanted, left).forEach((amount, n) => {
      if (amount > 0) open[n]?.discount_amounts?.push({ amount, discount: one.id })
    })
    return { amount: wanted, discount: one.id }
  })
}

const taken = (line: Stripe.InvoiceLineItem): number =>
  (line.discount_amounts ?? []).reduce((total, { amount }) => total + amount, 0)

/** What is to be paid for a line, after discounts. */
export const netOf = (line: Stripe.InvoiceLineItem): number => line.amount - taken(line)

export const isProration = (line: Stripe.InvoiceLineItem): boolean =>
  line.parent?.subscription_item_details?.proration ?? false

/** Keeps what a line bills for its item's period, as if it were for all of it: what may come back when it changes. */
export function remember(world: World, line: Stripe.InvoiceLineItem, item?: Stripe.SubscriptionItem): void {
  const details = line.parent?.subscription_item_details
  if (!details || line.amount < 0) return
  const rest = line.period.end - line.period.start
  const whole = item ? item.current_period_end - item.current_period_start : rest
  world.billed.set(details.subscription_item, rest === 0 ? netOf(line) : Math.round((netOf(line) * whole) / rest))
}

/** Cents in the proportion of weights, exactly. */
function split(cents: number, weights: readonly number[]): number[] {
  const sum = weights.reduce((total, weight) => total + weight, 0)
  if (sum === 0) return weights.map(() => 0)
  const parts = weights.map(weight => Math.floor((cents * weight) / sum))
  const rest = weights
    .map((weight, n) => ({ n, part: (cents * weight) / sum - (parts[n] ?? 0) }))
    .sort((a, b) => b.part - a.part)
  const short = cents - parts.reduce((total, part) => total + part, 0)
  for (const { n } of rest.slice(0, short)) parts[n] = (parts[n] ?? 0) + 1
  return parts
}
