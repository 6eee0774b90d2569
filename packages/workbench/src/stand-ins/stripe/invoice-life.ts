// An invoice's life: draft, open, tried and tried again, paid or given up.

import type Stripe from 'stripe'
import { cancelIntent, charge, type Outcome } from './charging.ts'
import { composed, type InvoiceAsk } from './invoice-making.ts'
import { isProration, remember } from './lines.ts'
import { makeIntent } from './payment-intents.ts'
import { afterFailure, afterLastFailure, afterPayment } from './subscription-status.ts'
import { change, idOf, newId, type World } from './world.ts'

/** A draft, told as created. */
export function draft(world: World, wanted: InvoiceAsk): Stripe.Invoice {
  const invoice = composed(world, wanted)
  world.invoices.set(invoice.id, invoice)
  for (const line of invoice.lines.data) if (!isProration(line)) remember(world, line)
  useUp(world, invoice, wanted.discounts)
  const { subscription } = wanted
  if (subscription) subscription.latest_invoice = invoice.id
  world.emit('invoice.created', invoice)
  return invoice
}

/** A discount for once is over with its first invoice. */
function useUp(world: World, invoice: Stripe.Invoice, discounts: readonly Stripe.Discount[]): void {
  for (const one of discounts) {
    const coupon = world.coupons.get(String(idOf(one.source.coupon)))
    if (coupon?.duration !== 'once') continue
    one.end = world.now()
    const subscription = subscriptionOf(world, invoice)
    if (subscription) subscription.discounts = subscription.discounts.filter(id => id !== one.id)
  }
}

/** Opens it. What comes to nothing is paid at once. */
export function finalize(world: World, invoice: Stripe.Invoice): void {
  const customer = world.customers.get(String(invoice.customer))
  change(world, invoice, 'invoice.updated', one => {
    one.status = 'open'
    one.status_transitions.finalized_at = world.now()
    one.effective_at = world.now()
    one.automatically_finalizes_at = null
    one.number = `${customer?.invoice_prefix}-${String(customer?.next_invoice_sequence ?? 1).padStart(4, '0')}`
    one.hosted_invoice_url = `${world.settings.url}/i/${one.id}`
    one.invoice_pdf = `${world.settings.url}/i/${one.id}/pdf`
  })
  if (customer) settleBalance(world, invoice, customer)
  world.emit('invoice.finalized', invoice)
  if (invoice.amount_due === 0) paid(world, invoice)
  else askForPayment(world, invoice)
}

/** Told of the balance as it is now: another invoice may have used it up since the draft. */
function settleBalance(world: World, invoice: Stripe.Invoice, customer: Stripe.Customer): void {
  const credit = Math.min(0, customer.balance)
  const used = invoice.total <= 0 ? invoice.total : Math.min(-credit, invoice.total)
  invoice.starting_balance = customer.balance
  invoice.amount_due = invoice.total <= 0 ? 0 : invoice.total - used
  invoice.amount_remaining = invoice.amount_due
  customer.next_invoice_sequence = (customer.next_invoice_sequence ?? 1) + 1
  change(world, customer, 'customer.updated', one => {
    one.balance += used
  })
  invoice.ending_balance = customer.balance
}

function askForPayment(world: World, invoice: Stripe.Invoice): void {
  const intent = makeIntent(world, {
    amount: invoice.amount_due,
    currency: invoice.currency,
    customer: idOf(invoice.customer),
    description: invoice.billing_reason === 'subscription_create' ? 'Subscription creation' : 'Subscription update',
    setup_future_usage: 'off_session',
  })
  const payment: Stripe.InvoicePayment = {
    id: newId('inpay'),
    object: 'invoice_payment',
    amount_paid: null,
    amount_requested: invoice.amount_due,
    created: world.now(),
    currency: invoice.currency,
    invoice: invoice.id,
    is_default: true,
    livemode: false,
    payment: { type: 'payment_intent', payment_intent: intent.id },
    status: 'open',
    status_transitions: { canceled_at: null, paid_at: null },
  }
  world.invoicePayments.set(payment.id, payment)
}

export const paymentOf = (world: World, invoice: string) =>
  [...world.invoicePayments.values()].find(payment => payment.invoice === invoice)

export const intentOf = (world: World, invoice: string) =>
  world.paymentIntents.get(String(paymentOf(world, invoice)?.payment.payment_intent))

export const subscriptionOf = (world: World, invoice: Stripe.Invoice) =>
  world.subscriptions.get(String(idOf(invoice.parent?.subscription_details?.subscription)))

/** The card that pays for a subscription: its own, or the customer's. */
export function cardFor(world: World, invoice: Stripe.Invoice): Stripe.PaymentMethod | null {
  const own = subscriptionOf(world, invoice)?.default_payment_method
  const customers = world.customers.get(String(invoice.customer))?.invoice_settings.default_payment_method
  return world.paymentMethods.get(String(idOf(own) ?? idOf(customers))) ?? null
}

export interface Collecting {
  method?: Stripe.PaymentMethod | null
  present?: boolean
  authenticated?: boolean
  /** A try of Stripe's own, that others follow when it fails. */
  automatic?: boolean
}

/** Tries to collect an open invoice. @returns what came of it. */
export function collect(world: World, invoice: Stripe.Invoice, how: Collecting = {}): Outcome | 'no_card' {
  const { method = cardFor(world, invoice), present = false, authenticated = false, automatic = false } = how
  const intent = intentOf(world, invoice.id)
  if (!intent) return 'succeeded'
  invoice.attempted = true
  if (automatic) invoice.attempt_count++
  const renewing = invoice.billing_reason === 'subscription_cycle'
  const outcome = method ? charge(world, intent, method, present || renewing, authenticated) : 'no_card'
  if (outcome === 'succeeded') {
    paid(world, invoice)
    return outcome
  }
  if (automatic) planRetry(world, invoice)
  if (outcome === 'requires_action') world.emit('invoice.payment_action_required', invoice)
  if (outcome !== 'requires_action' || !present) world.emit('invoice.payment_failed', invoice)
  afterFailure(world, invoice)
  if (automatic && invoice.next_payment_attempt === null) afterLastFailure(world, invoice)
  return outcome
}

function planRetry(world: World, invoice: Stripe.Invoice): void {
  if (invoice.billing_reason === 'subscription_create') return
  const days = world.settings.retryDays[invoice.attempt_count - 1]
  invoice.next_payment_attempt = days === undefined ? null : world.now() + days * 86_400
  const due = invoice.next_payment_attempt
  if (due === null) return
  world.at(due, () => {
    if (invoice.status !== 'open' || invoice.next_payment_attempt !== due || !invoice.auto_advance) return
    collect(world, invoice, { automatic: true })
  })
}

/** Paid, by card or by nothing at all. */
export function paid(world: World, invoice: Stripe.Invoice): void {
  const payment = paymentOf(world, invoice.id)
  if (payment) {
    payment.status = 'paid'
    payment.amount_paid = invoice.amount_due
    payment.status_transitions.paid_at = world.now()
  }
  change(world, invoice, 'invoice.updated', one => {
    one.status = 'paid'
    one.attempted = true
    one.amount_paid = one.amount_due
    one.amount_remaining = 0
    one.next_payment_attempt = null
    one.auto_advance = false
    one.status_transitions.paid_at = world.now()
  })
  world.emit('invoice.paid', invoice)
  world.emit('invoice.payment_succeeded', invoice)
  afterPayment(world, invoice)
}

/** Nobody is to pay it any more. */
export function voided(world: World, invoice: Stripe.Invoice): void {
  const intent = intentOf(world, invoice.id)
  if (intent && intent.status !== 'succeeded') cancelIntent(world, intent, 'void_invoice')
  const payment = paymentOf(world, invoice.id)
  if (payment) {
    payment.status = 'canceled'
    payment.status_transitions.canceled_at = world.now()
  }
  change(world, invoice, 'invoice.voided', one => {
    one.status = 'void'
    one.next_payment_attempt = null
    one.auto_advance = false
    one.status_transitions.voided_at = world.now()
  })
}
