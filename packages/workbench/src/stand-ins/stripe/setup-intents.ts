// Cards that are kept for later, without a payment.

import type Stripe from 'stripe'
import * as z from 'zod'
import { attach, cardOf } from './payment-methods.ts'
import { declined, found, refuse, StripeRefusal } from './refusal.ts'
import { route } from './route.ts'
import { ask, flag, merged, metadata, text } from './shape.ts'
import { change, newId, type World } from './world.ts'

const createAsk = ask({
  customer: text.optional(),
  payment_method: text.optional(),
  confirm: flag.optional(),
  description: text.optional(),
  metadata: metadata.optional(),
  usage: z.enum(['off_session', 'on_session']).optional(),
  return_url: text.optional(),
})

export function makeSetup(world: World, asked: Omit<z.infer<typeof createAsk>, 'expand'>): Stripe.SetupIntent {
  const id = newId('seti')
  const setup: Stripe.SetupIntent = {
    id,
    object: 'setup_intent',
    allowed_payment_method_types: null,
    application: null,
    automatic_payment_methods: { enabled: true, allow_redirects: 'always' },
    cancellation_reason: null,
    client_secret: `${id}_secret_${newId('s').slice(2)}`,
    created: world.now(),
    customer: asked.customer ?? null,
    description: asked.description ?? null,
    excluded_payment_method_types: null,
    flow_directions: null,
    last_setup_error: null,
    latest_attempt: null,
    livemode: false,
    mandate: null,
    metadata: merged({}, asked.metadata),
    next_action: null,
    on_behalf_of: null,
    payment_method: null,
    payment_method_configuration_details: null,
    payment_method_options: null,
    payment_method_types: ['card'],
    single_use_mandate: null,
    status: 'requires_payment_method',
    usage: asked.usage ?? 'off_session',
  }
  world.setupIntents.set(id, setup)
  world.emit('setup_intent.created', setup)
  return setup
}

/** Keeps a card. @returns false when the card is declined. */
export function setUp(world: World, setup: Stripe.SetupIntent, method: Stripe.PaymentMethod): boolean {
  const card = world.cards.get(method.id) ?? 'works'
  if (card !== 'works' && card !== 'authentication_required') {
    change(world, setup, 'setup_intent.setup_failed', one => {
      one.last_setup_error = { ...declined(card), payment_method: structuredClone(method) }
    })
    return false
  }
  if (setup.customer) attach(world, method, String(setup.customer))
  change(world, setup, 'setup_intent.succeeded', one => {
    one.status = 'succeeded'
    one.payment_method = method.id
    one.last_setup_error = null
  })
  return true
}

function confirm(world: World, setup: Stripe.SetupIntent, id: string | undefined): Stripe.SetupIntent {
  if (setup.status === 'succeeded' || !id)
    refuse('This SetupIntent cannot be confirmed.', { code: 'setup_intent_unexpected_state' })
  const method = cardOf(world, id, 'payment_method')
  if (!setUp(world, setup, method)) {
    const card = world.cards.get(method.id)
    throw new StripeRefusal(402, declined(card === undefined || card === 'works' ? 'card_declined' : card))
  }
  return setup
}

export const setupIntentRoutes = [
  route('POST', '/v1/setup_intents', createAsk, ({ world, ask: asked }) => {
    if (asked.customer) found(world.customers, 'customer', asked.customer, 'customer')
    const setup = makeSetup(world, asked)
    return asked.confirm ? confirm(world, setup, asked.payment_method) : setup
  }),
  route('GET', '/v1/setup_intents/{id}', ask({}), ({ world, id }) => found(world.setupIntents, 'setupintent', id)),
  route(
    'POST',
    '/v1/setup_intents/{id}/confirm',
    ask({ payment_method: text.optional() }),
    ({ world, id, ask: asked }) => confirm(world, found(world.setupIntents, 'setupintent', id), asked.payment_method),
  ),
]
