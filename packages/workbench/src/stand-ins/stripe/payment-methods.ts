// Cards that customers have. What a card does when it is charged stands in `world.cards`.

import type Stripe from 'stripe'
import { declined, found, refuse, StripeRefusal } from './refusal.ts'
import { page, route } from './route.ts'
import { ask, pages, text } from './shape.ts'
import { type Card, change, newId, type World } from './world.ts'

/** Stripe's own test cards, by the name that a server may use. */
const testCards: Record<string, Card> = {
  pm_card_visa: 'works',
  pm_card_mastercard: 'works',
  pm_card_visa_chargeDeclined: 'card_declined',
  pm_card_chargeCustomerFail: 'card_declined',
  pm_card_visa_chargeDeclinedInsufficientFunds: 'insufficient_funds',
  pm_card_chargeDeclinedExpiredCard: 'expired_card',
  pm_card_authenticationRequired: 'authentication_required',
}

export function makeCard(world: World, card: Card): Stripe.PaymentMethod {
  const method: Stripe.PaymentMethod = {
    id: newId('pm'),
    object: 'payment_method',
    allow_redisplay: 'unspecified',
    billing_details: { address: null, email: null, name: null, phone: null, tax_id: null },
    card: {
      brand: 'visa',
      checks: { address_line1_check: null, address_postal_code_check: null, cvc_check: 'pass' },
      country: 'US',
      display_brand: 'visa',
      exp_month: 12,
      exp_year: new Date(world.now() * 1000).getUTCFullYear() + 3,
      fingerprint: newId('f').slice(2, 18),
      funding: 'credit',
      generated_from: null,
      last4: card === 'works' ? '4242' : card === 'authentication_required' ? '3184' : '0341',
      networks: { available: ['visa'], preferred: null },
      regulated_status: 'unregulated',
      three_d_secure_usage: { supported: true },
      wallet: null,
    },
    created: world.now(),
    customer: null,
    customer_account: null,
    livemode: false,
    metadata: {},
    type: 'card',
  }
  world.paymentMethods.set(method.id, method)
  world.cards.set(method.id, card)
  return method
}

export function attach(world: World, method: Stripe.PaymentMethod, customer: string): Stripe.PaymentMethod {
  if (method.customer === customer) return method
  if (method.customer !== null)
    refuse('The payment method you provided has already been attached to a customer.', {
      code: 'payment_method_unexpected_state',
    })
  method.customer = customer
  world.emit('payment_method.attached', method)
  return method
}

/** A card by its id, or one of Stripe's test cards by its name. */
export function cardOf(world: World, id: string, param?: string): Stripe.PaymentMethod {
  const test = testCards[id]
  return test ? makeCard(world, test) : found(world.paymentMethods, 'PaymentMethod', id, param)
}

function detach(world: World, method: Stripe.PaymentMethod): Stripe.PaymentMethod {
  const owner = world.customers.get(String(method.customer))
  if (!owner)
    refuse('The payment method you provided is not attached to a customer so detachment is impossible.', {
      param: 'payment_method',
    })
  if (owner.invoice_settings.default_payment_method === method.id)
    change(world, owner, 'customer.updated', customer => {
      customer.invoice_settings.default_payment_method = null
    })
  for (const subscription of world.subscriptions.values())
    if (subscription.default_payment_method === method.id)
      change(world, subscription, 'customer.subscription.updated', one => {
        one.default_payment_method = null
      })
  return change(world, method, 'payment_method.detached', one => {
    one.customer = null
  })
}

const listAsk = { type: text.optional(), ...pages }
const cardsOf = (world: World, customer: string) =>
  [...world.paymentMethods.values()].filter(method => method.customer === customer)

export const paymentMethodRoutes = [
  route('GET', '/v1/customers/{id}/payment_methods', ask(listAsk), ({ world, id, ask: asked, path }) =>
    page(cardsOf(world, found(world.customers, 'customer', id).id), asked, path),
  ),
  route('GET', '/v1/payment_methods', ask({ customer: text, ...listAsk }), ({ world, ask: asked, path }) =>
    page(cardsOf(world, found(world.customers, 'customer', asked.customer, 'customer').id), asked, path),
  ),
  route('GET', '/v1/payment_methods/{id}', ask({}), ({ world, id }) =>
    found(world.paymentMethods, 'PaymentMethod', id),
  ),
  route('POST', '/v1/payment_methods/{id}/attach', ask({ customer: text }), ({ world, id, ask: asked }) => {
    const customer = found(world.customers, 'customer', asked.customer, 'customer')
    const method = cardOf(world, id)
    const card = world.cards.get(method.id) ?? 'works'
    // A bank is asked when a card is kept; `pm_card_chargeCustomerFail` is refused only when it is charged.
    const refused = card !== 'works' && card !== 'authentication_required' && id !== 'pm_card_chargeCustomerFail'
    if (refused) throw new StripeRefusal(402, declined(card))
    return attach(world, method, customer.id)
  }),
  route('POST', '/v1/payment_methods/{id}/detach', ask({}), ({ world, id }) =>
    detach(world, found(world.paymentMethods, 'PaymentMethod', id)),
  ),
]
