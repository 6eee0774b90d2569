// A subscription from what is asked for, with its first invoice. `default_incomplete` waits for a person to pay.

import type Stripe from 'stripe'
import { cancelIntent } from './charging.ts'
import { redeem } from './coupons.ts'
import { cardFor, collect, draft, finalize, intentOf, voided } from './invoice-life.ts'
import { holding, periodLine } from './lines.ts'
import { refusalOf } from './payment-intents.ts'
import { found, refuse } from './refusal.ts'
import { planRenewal } from './renewal.ts'
import { makeSetup } from './setup-intents.ts'
import { blank, type Sold } from './subscription-blank.ts'
import type { SubscriptionAsk } from './subscription-shape.ts'
import type { World } from './world.ts'

/** Makes it, and tries to collect as it is asked to. @throws StripeRefusal 402 with error_if_incomplete. */
export function makeSubscription(world: World, asked: SubscriptionAsk): Stripe.Subscription {
  const behavior = asked.payment_behavior ?? 'allow_incomplete'
  const customer = found(world.customers, 'customer', asked.customer, 'customer')
  const method = asked.default_payment_method
  if (method && world.paymentMethods.get(method)?.customer !== customer.id)
    refuse(`No such PaymentMethod: '${method}'`, { code: 'resource_missing', param: 'default_payment_method' })
  const subscription = blank(world, customer, asked)
  const pays = method ?? customer.invoice_settings.default_payment_method
  const free = subscription.status === 'trialing' || total(subscription) === 0
  if (!pays && !free && behavior !== 'default_incomplete')
    refuse('This customer has no attached payment source or default payment method.', {
      code: 'resource_missing',
    })
  if (behavior === 'error_if_incomplete') refuseDecline(world, String(pays))
  world.subscriptions.set(subscription.id, subscription)
  subscription.discounts = (asked.discounts ?? []).map(
    one => redeem(world, one, { customer: customer.id, subscription: subscription.id }).id,
  )
  begin(world, subscription, customer)
  if (subscription.status === 'incomplete' && behavior !== 'default_incomplete') {
    const invoice = found(world.invoices, 'invoice', String(subscription.latest_invoice))
    collect(world, invoice, { present: asked.off_session !== true })
  }
  return subscription
}

/** One that Checkout makes: known at once, with nothing billed yet. */
export function newSubscription(world: World, customer: Stripe.Customer, asked: Sold): Stripe.Subscription {
  const subscription = blank(world, customer, asked)
  world.subscriptions.set(subscription.id, subscription)
  return subscription
}

const total = ({ items }: Stripe.Subscription) =>
  items.data.reduce((sum, { price, quantity }) => sum + (price.unit_amount ?? 0) * (quantity ?? 1), 0)

function refuseDecline(world: World, method: string): void {
  const card = world.cards.get(method) ?? 'works'
  if (card === 'works') return
  throw refusalOf(world, null, card)
}

/** The first invoice, and what is to be done at the end of its period. */
export function begin(world: World, subscription: Stripe.Subscription, customer: Stripe.Customer): void {
  const [item] = subscription.items.data
  if (!item) return
  const period = { start: item.current_period_start, end: item.current_period_end }
  const trial = subscription.status === 'trialing'
  world.emit('customer.subscription.created', subscription)
  const lines = subscription.items.data.map(one => periodLine(world, subscription.id, one, period))
  if (trial)
    for (const line of lines) {
      line.amount = 0
      line.subtotal = 0
      line.description = `Trial period for ${line.description}`
    }
  const invoice = draft(world, {
    customer,
    subscription,
    reason: 'subscription_create',
    lines,
    discounts: trial ? [] : holding(world, subscription.discounts as string[]),
    period: { start: world.now(), end: world.now() },
    currency: subscription.currency,
  })
  finalize(world, invoice)
  planRenewal(world, subscription)
  if (subscription.status === 'incomplete') planExpiry(world, subscription, invoice)
  if (trial && !cardFor(world, invoice)) {
    const setup = makeSetup(world, { customer: customer.id, usage: 'off_session' })
    subscription.pending_setup_intent = setup.id
  }
}

/** Nobody paid within 23 hours. */
function planExpiry(world: World, subscription: Stripe.Subscription, invoice: Stripe.Invoice): void {
  world.at(world.now() + 23 * 3600, () => {
    if (subscription.status !== 'incomplete') return
    subscription.status = 'incomplete_expired'
    subscription.ended_at = world.now()
    const intent = intentOf(world, invoice.id)
    if (intent && intent.status !== 'succeeded') cancelIntent(world, intent, 'void_invoice')
    voided(world, invoice)
    world.emit('customer.subscription.updated', subscription, { status: 'incomplete', ended_at: null })
  })
}
