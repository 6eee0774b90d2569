// Invoices: routes, and previews of what a change or a new subscription comes to.

import type Stripe from 'stripe'
import * as z from 'zod'
import { discountAsk, redeemable } from './coupons.ts'
import { collect, finalize, intentOf, paid, voided } from './invoice-life.ts'
import { composed } from './invoice-making.ts'
import { everyOf, itemsAsk, makeItem } from './item-shape.ts'
import { holding, periodLine } from './lines.ts'
import { refusalOf } from './payment-intents.ts'
import { cardOf } from './payment-methods.ts'
import { periodEnd } from './period.ts'
import { changed } from './proration.ts'
import { found, refuse } from './refusal.ts'
import { upcomingOf } from './renewal.ts'
import { page, route } from './route.ts'
import { ask, flag, int, list, pages, text } from './shape.ts'
import { newId, type World } from './world.ts'

const listAsk = ask({
  customer: text.optional(),
  subscription: text.optional(),
  status: z.enum(['draft', 'open', 'paid', 'uncollectible', 'void']).optional(),
  ...pages,
})
const payAsk = ask({ payment_method: text.optional(), off_session: flag.optional(), paid_out_of_band: flag.optional() })
const previewAsk = ask({
  customer: text.optional(),
  subscription: text.optional(),
  discounts: z.union([z.literal(''), list(discountAsk)]).optional(),
  preview_mode: z.enum(['next', 'recurring']).optional(),
  subscription_details: z
    .strictObject({
      items: itemsAsk.optional(),
      proration_behavior: z.enum(['none', 'create_prorations', 'always_invoice']).optional(),
      proration_date: int.optional(),
      cancel_at_period_end: flag.optional(),
    })
    .optional(),
})
type PreviewAsk = z.infer<typeof previewAsk>

function pay(world: World, invoice: Stripe.Invoice, asked: z.infer<typeof payAsk>): Stripe.Invoice {
  if (invoice.status === 'paid') refuse('Invoice is already paid', { code: 'invoice_already_paid' })
  if (invoice.status === 'void') refuse('This invoice can no longer be paid: it is void.')
  if (invoice.status === 'draft') finalize(world, invoice)
  if (asked.paid_out_of_band) paid(world, invoice)
  if (invoice.status !== 'open') return invoice
  const method = asked.payment_method ? cardOf(world, asked.payment_method, 'payment_method') : undefined
  const outcome = collect(world, invoice, {
    ...(method && { method }),
    present: asked.off_session === false,
  })
  if (outcome === 'succeeded') return invoice
  if (outcome === 'no_card')
    refuse('There is no `default_payment_method` set on this Customer or Invoice.', {
      code: 'invoice_payment_method_missing',
    })
  const intent = intentOf(world, invoice.id) ?? null
  throw refusalOf(world, intent, outcome === 'requires_action' ? 'authentication_required' : outcome)
}

/** The world, of which nothing changes. */
const ghost = (world: World): World => ({
  ...world,
  prices: new Map(world.prices),
  products: new Map(world.products),
  emit: () => {},
})

/** What would be billed: nothing is kept of it. */
function preview(world: World, asked: PreviewAsk): Stripe.Invoice {
  if (asked.subscription) return previewChange(world, asked, asked.subscription)
  const customer = found(world.customers, 'customer', asked.customer ?? '', 'customer')
  const items = (asked.subscription_details?.items ?? []).map((one, n) =>
    makeItem(world, newId('sub'), one, `subscription_details[items][${n}][price]`),
  )
  const every = everyOf(items)
  const period = { start: world.now(), end: periodEnd(world.now(), every, world.now()) }
  return composed(world, {
    customer,
    subscription: null,
    reason: 'upcoming',
    lines: items.map(item => periodLine(world, null, item, period)),
    discounts: passing(world, asked, customer.id),
    period: { start: world.now(), end: world.now() },
    currency: items[0]?.price.currency ?? 'usd',
  })
}

function previewChange(world: World, asked: PreviewAsk, id: string): Stripe.Invoice {
  const known = found(world.subscriptions, 'subscription', id, 'subscription')
  const details = asked.subscription_details ?? {}
  if (known.status === 'canceled')
    refuse('The subscription is canceled: it has no next invoice.', { param: 'subscription' })
  const subscription = structuredClone(known)
  const how = details.proration_behavior ?? 'create_prorations'
  const at = details.proration_date ?? world.now()
  const wanted = details.items && changed(world, subscription, details.items, how, at)
  if (wanted) subscription.items.data = wanted.items
  if (details.cancel_at_period_end || (known.cancel_at_period_end && details.cancel_at_period_end !== false))
    if (!wanted)
      refuse('The subscription ends with its period: it has no next invoice.', { code: 'invoice_upcoming_none' })
  const discounts =
    asked.discounts === undefined
      ? holding(world, subscription.discounts as string[])
      : passing(world, asked, String(known.customer))
  const next = upcomingOf(world, subscription)
  const pending = structuredClone(world.pendingLines.get(id) ?? [])
  const atOnce = wanted !== undefined && (how === 'always_invoice' || wanted.anchor !== null)
  const lines = atOnce
    ? [...pending, ...wanted.lines]
    : [...pending, ...(wanted?.lines ?? []), ...next.lines.data.filter(line => !pending.some(one => same(one, line)))]
  const invoice = composed(world, {
    customer: found(world.customers, 'customer', String(known.customer)),
    subscription,
    reason: 'upcoming',
    lines: lines.map(line => ({ ...line, discount_amounts: [] })),
    discounts,
    period: atOnce ? { start: at, end: at } : { start: next.period_start, end: next.period_end },
    currency: known.currency,
  })
  if (details.items && invoice.parent?.subscription_details)
    invoice.parent.subscription_details.subscription_proration_date = at
  return invoice
}

const same = (one: Stripe.InvoiceLineItem, other: Stripe.InvoiceLineItem) => one.id === other.id

/** Discounts as they would be, redeemed by nobody. */
function passing(world: World, { discounts }: PreviewAsk, customer: string): Stripe.Discount[] {
  return (discounts || []).map(one => {
    const { coupon, promotion } = redeemable(world, one, customer)
    return {
      id: newId('di'),
      object: 'discount',
      checkout_session: null,
      customer,
      customer_account: null,
      end: null,
      invoice: null,
      invoice_item: null,
      promotion_code: promotion?.id ?? null,
      source: { type: 'coupon', coupon: coupon.id },
      start: world.now(),
      subscription: null,
      subscription_item: null,
    }
  })
}

const paymentsAsk = ask({
  invoice: text.optional(),
  payment: z.strictObject({ type: z.literal('payment_intent'), payment_intent: text }).optional(),
  status: z.enum(['canceled', 'open', 'paid']).optional(),
  ...pages,
})

export const invoiceRoutes = [
  // The way from a payment to its invoice: neither a charge nor a payment intent names it.
  route('GET', '/v1/invoice_payments', paymentsAsk, ({ world, ask: asked, path }) => {
    const fits = (one: Stripe.InvoicePayment) =>
      (asked.invoice === undefined || one.invoice === asked.invoice) &&
      (asked.payment === undefined || one.payment.payment_intent === asked.payment.payment_intent) &&
      (asked.status === undefined || one.status === asked.status)
    return page([...world.invoicePayments.values()].filter(fits), asked, path)
  }),
  route('GET', '/v1/invoices', listAsk, ({ world, ask: asked, path }) => {
    const fits = (invoice: Stripe.Invoice) =>
      (asked.customer === undefined || invoice.customer === asked.customer) &&
      (asked.status === undefined || invoice.status === asked.status) &&
      (asked.subscription === undefined || invoice.parent?.subscription_details?.subscription === asked.subscription)
    return page([...world.invoices.values()].filter(fits), asked, path)
  }),
  route('POST', '/v1/invoices/create_preview', previewAsk, ({ world, ask: asked }) => preview(ghost(world), asked)),
  route('GET', '/v1/invoices/{id}', ask({}), ({ world, id }) => found(world.invoices, 'invoice', id)),
  route('GET', '/v1/invoices/{id}/lines', ask(pages), ({ world, id, ask: asked, path }) =>
    page([...found(world.invoices, 'invoice', id).lines.data].reverse(), asked, path),
  ),
  route('POST', '/v1/invoices/{id}/pay', payAsk, ({ world, id, ask: asked }) =>
    pay(world, found(world.invoices, 'invoice', id), asked),
  ),
  route('POST', '/v1/invoices/{id}/void', ask({}), ({ world, id }) => {
    const invoice = found(world.invoices, 'invoice', id)
    if (invoice.status !== 'open') refuse(`You can only void open invoices; this one is ${invoice.status}.`)
    voided(world, invoice)
    return invoice
  }),
]
