// Money that goes back by the backend, and the charges it comes of.

import type Stripe from 'stripe'
import * as z from 'zod'
import { makeTransaction } from './charging.ts'
import { found, refuse } from './refusal.ts'
import { page, route } from './route.ts'
import { ask, int, merged, metadata, pages, text } from './shape.ts'
import { change, idOf, newId, type World } from './world.ts'

const refundAsk = ask({
  charge: text.optional(),
  payment_intent: text.optional(),
  amount: int.optional(),
  reason: z.enum(['duplicate', 'fraudulent', 'requested_by_customer']).optional(),
  metadata: metadata.optional(),
})
export type RefundAsk = z.infer<typeof refundAsk>

export function makeRefund(world: World, asked: RefundAsk): Stripe.Refund {
  const intent = asked.payment_intent
    ? found(world.paymentIntents, 'payment_intent', asked.payment_intent, 'payment_intent')
    : undefined
  const id = asked.charge ?? idOf(intent?.latest_charge)
  const charge = found(world.charges, 'charge', id ?? '', 'charge')
  const left = charge.amount_captured - charge.amount_refunded
  const amount = asked.amount ?? left
  if (charge.disputed) refuse('This charge has been charged back.', { code: 'charge_disputed' })
  if (left === 0) refuse(`Charge ${charge.id} has already been refunded.`, { code: 'charge_already_refunded' })
  if (amount <= 0 || amount > left)
    refuse(`Refund amount ($${amount / 100}) is greater than unrefunded amount on charge ($${left / 100})`, {
      param: 'amount',
    })
  const refund: Stripe.Refund = {
    id: newId('re'),
    object: 'refund',
    amount,
    balance_transaction: null,
    charge: charge.id,
    created: world.now(),
    currency: charge.currency,
    customer: charge.customer,
    customer_account: null,
    metadata: merged({}, asked.metadata),
    payment_intent: charge.payment_intent,
    payment_method: charge.payment_method,
    reason: asked.reason ?? null,
    receipt_number: null,
    source_transfer_reversal: null,
    status: 'succeeded',
    transfer_reversal: null,
  }
  refund.balance_transaction = makeTransaction(world, {
    type: 'refund',
    reporting_category: 'refund',
    amount: -amount,
    fee: 0,
    currency: charge.currency,
    source: refund.id,
  }).id
  world.refunds.set(refund.id, refund)
  world.emit('refund.created', refund)
  change(world, charge, 'charge.refunded', one => {
    one.amount_refunded += amount
    one.refunded = one.amount_refunded === one.amount_captured
  })
  return refund
}

/** The bank does not take a refund: the money is back where it was. */
export function failRefund(world: World, refund: Stripe.Refund): Stripe.Refund {
  if (refund.status !== 'succeeded') throw new Error(`the refund ${refund.id} is ${refund.status}`)
  const charge = found(world.charges, 'charge', String(refund.charge))
  charge.amount_refunded -= refund.amount
  charge.refunded = false
  return change(world, refund, 'refund.failed', one => {
    one.status = 'failed'
    one.failure_reason = 'declined'
    one.failure_balance_transaction = makeTransaction(world, {
      type: 'refund_failure',
      reporting_category: 'refund_failure',
      amount: one.amount,
      fee: 0,
      currency: one.currency,
      source: one.id,
    }).id
  })
}

export const about = { charge: text.optional(), payment_intent: text.optional(), ...pages }
/** Of this charge, or of this payment. */
export const fits =
  (asked: { charge?: string | undefined; payment_intent?: string | undefined }) =>
  (one: { charge: unknown; payment_intent: unknown }) =>
    (asked.charge === undefined || one.charge === asked.charge) &&
    (asked.payment_intent === undefined || one.payment_intent === asked.payment_intent)

export const refundRoutes = [
  route('POST', '/v1/refunds', refundAsk, ({ world, ask: asked }) => makeRefund(world, asked)),
  route('GET', '/v1/refunds', ask(about), ({ world, ask: asked, path }) =>
    page([...world.refunds.values()].filter(fits(asked)), asked, path),
  ),
  route('GET', '/v1/refunds/{id}', ask({}), ({ world, id }) => found(world.refunds, 'refund', id)),
  route(
    'GET',
    '/v1/charges',
    ask({ customer: text.optional(), payment_intent: text.optional(), ...pages }),
    ({ world, ask: asked, path }) => {
      const all = [...world.charges.values()].filter(
        one =>
          (asked.customer === undefined || one.customer === asked.customer) &&
          (asked.payment_intent === undefined || one.payment_intent === asked.payment_intent),
      )
      return page(all, asked, path)
    },
  ),
  route('GET', '/v1/charges/{id}', ask({}), ({ world, id }) => found(world.charges, 'charge', id)),
  route('GET', '/v1/balance_transactions/{id}', ask({}), ({ world, id }) =>
    found(world.balanceTransactions, 'balance transaction', id),
  ),
]
