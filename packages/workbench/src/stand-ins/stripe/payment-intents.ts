// Payments: of sessions, of invoices, and of cards that are charged without a person.

import type Stripe from 'stripe'
import * as z from 'zod'
import { cancelIntent, charge } from './charging.ts'
import { shown } from './expand.ts'
import { cardOf } from './payment-methods.ts'
import { type Decline, declined, found, refuse, StripeRefusal } from './refusal.ts'
import { page, route } from './route.ts'
import { ask, currency, flag, int, merged, metadata, pages, text } from './shape.ts'
import { newId, type World } from './world.ts'

const createAsk = ask({
  amount: int,
  currency,
  customer: text.optional(),
  payment_method: text.optional(),
  confirm: flag.optional(),
  off_session: flag.optional(),
  description: text.optional(),
  metadata: metadata.optional(),
  setup_future_usage: z.enum(['on_session', 'off_session']).optional(),
  receipt_email: text.optional(),
  return_url: text.optional(),
  transfer_group: text.optional(),
})

type Wanted = Pick<z.infer<typeof createAsk>, 'amount' | 'currency'> &
  Partial<Pick<z.infer<typeof createAsk>, 'description' | 'metadata' | 'setup_future_usage' | 'transfer_group'>> & {
    customer?: string | null | undefined
  }

export function makeIntent(world: World, wanted: Wanted): Stripe.PaymentIntent {
  const id = newId('pi')
  const intent: Stripe.PaymentIntent = {
    id,
    object: 'payment_intent',
    allowed_payment_method_types: null,
    amount: wanted.amount,
    amount_capturable: 0,
    amount_received: 0,
    application: null,
    application_fee_amount: null,
    automatic_payment_methods: { enabled: true, allow_redirects: 'always' },
    canceled_at: null,
    cancellation_reason: null,
    capture_method: 'automatic_async',
    client_secret: `${id}_secret_${newId('s').slice(2)}`,
    confirmation_method: 'automatic',
    created: world.now(),
    currency: wanted.currency,
    customer: wanted.customer ?? null,
    customer_account: null,
    description: wanted.description ?? null,
    excluded_payment_method_types: null,
    last_payment_error: null,
    latest_charge: null,
    livemode: false,
    managed_payments: null,
    metadata: merged({}, wanted.metadata),
    next_action: null,
    on_behalf_of: null,
    payment_method: null,
    payment_method_configuration_details: null,
    payment_method_options: null,
    payment_method_types: ['card'],
    payment_record: null,
    processing: null,
    receipt_email: null,
    review: null,
    setup_future_usage: wanted.setup_future_usage ?? null,
    shipping: null,
    source: null,
    statement_descriptor: null,
    statement_descriptor_suffix: null,
    status: 'requires_payment_method',
    transfer_group: wanted.transfer_group ?? null,
  }
  world.paymentIntents.set(id, intent)
  world.emit('payment_intent.created', intent)
  return intent
}

/** Confirms from the server. @throws StripeRefusal 402 when the card is declined. */
function confirm(world: World, intent: Stripe.PaymentIntent, methodId: string | undefined, offSession: boolean) {
  if (intent.status === 'succeeded' || intent.status === 'canceled')
    refuse(`This PaymentIntent's status is ${intent.status}; it cannot be confirmed.`, {
      code: 'payment_intent_unexpected_state',
    })
  if (!methodId)
    refuse('You cannot confirm this PaymentIntent because it is missing a payment method.', {
      code: 'payment_intent_unexpected_state',
    })
  const method = cardOf(world, methodId, 'payment_method')
  if (method.customer !== null && method.customer !== intent.customer)
    refuse('The payment method belongs to another customer.', { param: 'payment_method' })
  const outcome = charge(world, intent, method, !offSession)
  if (outcome !== 'succeeded' && outcome !== 'requires_action') throw refusalOf(world, intent, outcome)
  return intent
}

/** A declined payment as an error. */
export function refusalOf(world: World, intent: Stripe.PaymentIntent | null, decline: Decline): StripeRefusal {
  return new StripeRefusal(402, { ...declined(decline), ...(intent && { payment_intent: shown(world, intent) }) })
}

const confirmAsk = ask({
  payment_method: text.optional(),
  off_session: flag.optional(),
  return_url: text.optional(),
})

export const paymentIntentRoutes = [
  route('POST', '/v1/payment_intents', createAsk, ({ world, ask: asked }) => {
    if (asked.amount < 50) refuse('Amount must be at least $0.50 usd', { code: 'amount_too_small', param: 'amount' })
    if (asked.customer) found(world.customers, 'customer', asked.customer, 'customer')
    const method = asked.payment_method ? cardOf(world, asked.payment_method, 'payment_method') : null
    if (asked.off_session && !asked.confirm)
      refuse('You can only set off_session when confirm is true.', { param: 'off_session' })
    const intent = makeIntent(world, asked)
    intent.receipt_email = asked.receipt_email ?? null
    if (method) {
      intent.status = 'requires_confirmation'
      intent.payment_method = method.id
    }
    return asked.confirm ? confirm(world, intent, method?.id, asked.off_session ?? false) : intent
  }),
  route('GET', '/v1/payment_intents', ask({ customer: text.optional(), ...pages }), ({ world, ask: asked, path }) =>
    page(
      [...world.paymentIntents.values()].filter(one => asked.customer === undefined || one.customer === asked.customer),
      asked,
      path,
    ),
  ),
  route('GET', '/v1/payment_intents/{id}', ask({}), ({ world, id }) =>
    found(world.paymentIntents, 'payment_intent', id),
  ),
  route('POST', '/v1/payment_intents/{id}/confirm', confirmAsk, ({ world, id, ask: asked }) => {
    const intent = found(world.paymentIntents, 'payment_intent', id)
    const method = asked.payment_method ?? (intent.payment_method as string | null) ?? undefined
    return confirm(world, intent, method, asked.off_session ?? false)
  }),
  route('POST', '/v1/payment_intents/{id}/cancel', ask({}), ({ world, id }) => {
    const intent = found(world.paymentIntents, 'payment_intent', id)
    if (intent.status === 'succeeded' || intent.status === 'canceled')
      refuse(`You cannot cancel this PaymentIntent because it has a status of ${intent.status}.`, {
        code: 'payment_intent_unexpected_state',
      })
    return cancelIntent(world, intent, null)
  }),
]
