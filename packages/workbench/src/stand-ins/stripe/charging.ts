// What happens when a card is charged.

import type Stripe from 'stripe'
import { type Decline, declined } from './refusal.ts'
import { change, newId, type World } from './world.ts'

export type Outcome = 'succeeded' | 'requires_action' | Decline

/** Charges; `present` when the person is there and can authenticate. */
export function charge(
  world: World,
  intent: Stripe.PaymentIntent,
  method: Stripe.PaymentMethod,
  present: boolean,
  authenticated = false,
): Outcome {
  const card = world.cards.get(method.id) ?? 'works'
  intent.payment_method = method.id
  if (card === 'works' || (card === 'authentication_required' && authenticated)) {
    succeed(world, intent, method)
    return 'succeeded'
  }
  if (card === 'authentication_required' && present) {
    intent.status = 'requires_action'
    intent.next_action = { type: 'use_stripe_sdk', use_stripe_sdk: { type: 'three_d_secure_redirect' } } as never
    world.emit('payment_intent.requires_action', intent)
    return 'requires_action'
  }
  fail(world, intent, method, card)
  return card
}

function succeed(world: World, intent: Stripe.PaymentIntent, method: Stripe.PaymentMethod): void {
  const made = makeCharge(world, intent, method)
  const fee = Math.round(made.amount * 0.029) + 30
  const transaction = makeTransaction(world, {
    type: 'charge',
    reporting_category: 'charge',
    amount: made.amount,
    fee,
    currency: made.currency,
    source: made.id,
  })
  made.balance_transaction = transaction.id
  intent.status = 'succeeded'
  intent.next_action = null
  intent.last_payment_error = null
  intent.amount_received = intent.amount
  intent.latest_charge = made.id
  world.emit('charge.succeeded', made)
  world.emit('payment_intent.succeeded', intent)
}

export function fail(world: World, intent: Stripe.PaymentIntent, method: Stripe.PaymentMethod, decline: Decline): void {
  const made = makeCharge(world, intent, method)
  const error = declined(decline)
  Object.assign(made, {
    status: 'failed',
    paid: false,
    captured: false,
    amount_captured: 0,
    failure_code: error.code,
    failure_message: error.message,
  })
  made.outcome = outcome(error.decline_code)
  intent.status = 'requires_payment_method'
  intent.next_action = null
  intent.payment_method = null
  intent.latest_charge = made.id
  intent.last_payment_error = { ...error, charge: made.id, payment_method: structuredClone(method) }
  world.emit('charge.failed', made)
  world.emit('payment_intent.payment_failed', intent)
}

function makeCharge(world: World, intent: Stripe.PaymentIntent, method: Stripe.PaymentMethod): Stripe.Charge {
  const made: Stripe.Charge = {
    id: newId('ch'),
    object: 'charge',
    amount: intent.amount,
    amount_captured: intent.amount,
    amount_refunded: 0,
    application: null,
    application_fee: null,
    application_fee_amount: null,
    balance_transaction: null,
    billing_details: structuredClone(method.billing_details),
    calculated_statement_descriptor: 'SPOQ',
    captured: true,
    created: world.now(),
    currency: intent.currency,
    customer: intent.customer,
    description: intent.description,
    disputed: false,
    failure_balance_transaction: null,
    failure_code: null,
    failure_message: null,
    fraud_details: {},
    livemode: false,
    metadata: structuredClone(intent.metadata),
    on_behalf_of: null,
    outcome: outcome(null),
    paid: true,
    payment_intent: intent.id,
    payment_method: method.id,
    payment_method_details: null,
    receipt_email: intent.receipt_email,
    receipt_number: null,
    receipt_url: null,
    refunded: false,
    review: null,
    shipping: null,
    source: null,
    source_transfer: null,
    statement_descriptor: null,
    statement_descriptor_suffix: null,
    status: 'succeeded',
    transfer_data: null,
    transfer_group: intent.transfer_group,
  }
  world.charges.set(made.id, made)
  return made
}

const outcome = (reason: string | null): Stripe.Charge.Outcome => ({
  advice_code: null,
  network_advice_code: null,
  network_decline_code: null,
  network_status: reason ? 'declined_by_network' : 'approved_by_network',
  reason,
  risk_level: 'normal',
  seller_message: reason ? 'The bank declined the payment.' : 'Payment complete.',
  type: reason ? 'issuer_declined' : 'authorized',
})

type Transaction = Pick<Stripe.BalanceTransaction, 'type' | 'reporting_category' | 'amount' | 'fee' | 'currency'>

export function makeTransaction(world: World, about: Transaction & { source: string }): Stripe.BalanceTransaction {
  const transaction: Stripe.BalanceTransaction = {
    id: newId('txn'),
    object: 'balance_transaction',
    ...about,
    available_on: world.now() + 2 * 86_400,
    balance_type: 'payments',
    created: world.now(),
    description: null,
    exchange_rate: null,
    fee_details:
      about.fee === 0
        ? []
        : [
            {
              amount: about.fee,
              application: null,
              currency: about.currency,
              description: 'Stripe processing fees',
              type: 'stripe_fee',
            },
          ],
    net: about.amount - about.fee,
    status: 'pending',
  }
  world.balanceTransactions.set(transaction.id, transaction)
  return transaction
}

/** Told as an update only where something changed. */
export const cancelIntent = (world: World, intent: Stripe.PaymentIntent, reason: 'void_invoice' | 'abandoned' | null) =>
  change(world, intent, 'payment_intent.canceled', one => {
    one.status = 'canceled'
    one.canceled_at = world.now()
    one.cancellation_reason = reason
  })
