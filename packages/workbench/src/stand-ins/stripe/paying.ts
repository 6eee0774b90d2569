// A person at a Checkout session: pays, is declined, authenticates, or pays by a bank debit that takes days.

import type Stripe from 'stripe'
import { charge, fail } from './charging.ts'
import { redeem } from './coupons.ts'
import { makeCustomer } from './customers.ts'
import { collect, intentOf } from './invoice-life.ts'
import { makeIntent } from './payment-intents.ts'
import { attach, makeCard } from './payment-methods.ts'
import type { Decline } from './refusal.ts'
import { makeSetup, setUp } from './setup-intents.ts'
import { begin, newSubscription } from './subscription-making.ts'
import { type Card, change, idOf, type World } from './world.ts'

/** What came of it: the session is complete, or what the person sees. */
export type Paid = 'complete' | 'requires_action' | Decline
/** `bank_debit`: taken, and settled days later. */
export type Paying = Card | 'bank_debit'

export function pay(world: World, session: Stripe.Checkout.Session, paying: Paying, authenticated = false): Paid {
  if (session.status !== 'open') throw new Error(`the session ${session.id} is ${session.status}, not open`)
  const card = paying === 'bank_debit' ? 'works' : paying
  const method = makeCard(world, card)
  const refused = card !== 'works' && card !== 'authentication_required'
  // Nothing is made of a session whose card is declined, except the try to pay.
  if (session.mode === 'payment') return payOnce(world, session, method, paying, authenticated)
  if (refused) return card
  if (card === 'authentication_required' && !authenticated) return 'requires_action'
  const customer = customerOf(world, session)
  attach(world, method, customer.id)
  if (session.mode === 'setup') keepCard(world, session, customer, method)
  else subscribe(world, session, customer, method)
  return 'complete'
}

function payOnce(
  world: World,
  session: Stripe.Checkout.Session,
  method: Stripe.PaymentMethod,
  paying: Paying,
  authenticated: boolean,
): Paid {
  const asked = world.asked.get(session.id)
  const data = asked?.payment_intent_data
  const keeps = session.customer !== null || session.customer_creation === 'always'
  const customer = keeps ? customerOf(world, session) : null
  if ((session.amount_total ?? 0) === 0) {
    complete(world, session, 'no_payment_required', customer)
    return 'complete'
  }
  const known = world.paymentIntents.get(String(session.payment_intent))
  const intent =
    known ??
    makeIntent(world, {
      ...data,
      amount: session.amount_total ?? 0,
      currency: session.currency ?? 'usd',
      customer: customer?.id,
    })
  intent.receipt_email = data?.receipt_email ?? null
  session.payment_intent = intent.id
  if (paying === 'bank_debit') {
    intent.status = 'processing'
    intent.payment_method = method.id
    world.emit('payment_intent.processing', intent)
    complete(world, session, 'unpaid', customer)
    return 'complete'
  }
  const outcome = charge(world, intent, method, true, authenticated)
  if (outcome !== 'succeeded') return outcome
  if (customer && data?.setup_future_usage) attach(world, method, customer.id)
  complete(world, session, 'paid', customer)
  return 'complete'
}

/** A bank debit is settled, or it is not. */
export function settle(world: World, session: Stripe.Checkout.Session, succeeded: boolean): void {
  const intent = world.paymentIntents.get(String(session.payment_intent))
  const method = world.paymentMethods.get(String(intent?.payment_method))
  if (intent?.status !== 'processing' || !method) throw new Error(`no debit of ${session.id} is under way`)
  if (succeeded) {
    charge(world, intent, method, true)
    session.payment_status = 'paid'
    world.emit('checkout.session.async_payment_succeeded', session)
  } else {
    fail(world, intent, method, 'insufficient_funds')
    world.emit('checkout.session.async_payment_failed', session)
  }
}

function keepCard(
  world: World,
  session: Stripe.Checkout.Session,
  customer: Stripe.Customer,
  method: Stripe.PaymentMethod,
): void {
  const setup = makeSetup(world, { ...world.asked.get(session.id)?.setup_intent_data, customer: customer.id })
  setUp(world, setup, method)
  session.setup_intent = setup.id
  complete(world, session, 'no_payment_required', customer)
}

function subscribe(
  world: World,
  session: Stripe.Checkout.Session,
  customer: Stripe.Customer,
  method: Stripe.PaymentMethod,
): void {
  const asked = world.asked.get(session.id)
  const items = (world.lineItems.get(session.id) ?? []).map(({ price, quantity }) => ({
    price: price ?? undefined,
    quantity: quantity ?? 1,
  }))
  const subscription = newSubscription(world, customer, {
    ...asked?.subscription_data,
    customer: customer.id,
    default_payment_method: method.id,
    items,
  })
  subscription.discounts = (asked?.discounts ?? []).map(
    one => redeem(world, one, { customer: customer.id, subscription: subscription.id, session: session.id }).id,
  )
  begin(world, subscription, customer)
  const invoice = world.invoices.get(String(subscription.latest_invoice))
  if (invoice?.status === 'open') collect(world, invoice, { method, present: true, authenticated: true })
  const intent = invoice && intentOf(world, invoice.id)
  session.subscription = subscription.id
  session.invoice = invoice?.id ?? null
  complete(world, session, intent ? 'paid' : 'no_payment_required', customer)
}

function customerOf(world: World, session: Stripe.Checkout.Session): Stripe.Customer {
  const known = world.customers.get(String(idOf(session.customer)))
  if (known) return known
  const made = makeCustomer(world, { email: session.customer_email ?? 'payer@example.com' })
  session.customer = made.id
  return made
}

function complete(
  world: World,
  session: Stripe.Checkout.Session,
  status: Stripe.Checkout.Session.PaymentStatus,
  customer: Stripe.Customer | null,
): void {
  change(world, session, 'checkout.session.completed', one => {
    one.status = 'complete'
    one.payment_status = status
    one.url = null
    one.customer_details = {
      address: null,
      business_name: null,
      email: customer?.email ?? one.customer_email ?? 'payer@example.com',
      individual_name: null,
      name: customer?.name ?? null,
      phone: null,
      tax_exempt: 'none',
      tax_ids: [],
    }
  })
}
