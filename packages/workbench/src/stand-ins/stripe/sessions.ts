// Checkout sessions: routes. They are made by the backend, and paid by the test's hand.

import type Stripe from 'stripe'
import { found, refuse } from './refusal.ts'
import { page, route } from './route.ts'
import { expire, makeSession } from './session-making.ts'
import { sessionAsk } from './session-shape.ts'
import { ask, pages, text } from './shape.ts'
import { idOf } from './world.ts'

const listAsk = ask({
  customer: text.optional(),
  payment_intent: text.optional(),
  subscription: text.optional(),
  ...pages,
})

export const sessionRoutes = [
  route('POST', '/v1/checkout/sessions', sessionAsk, ({ world, ask: asked }) => makeSession(world, asked)),
  route('GET', '/v1/checkout/sessions', listAsk, ({ world, ask: asked, path }) => {
    const fits = (one: Stripe.Checkout.Session) =>
      (asked.customer === undefined || idOf(one.customer) === asked.customer) &&
      (asked.payment_intent === undefined || one.payment_intent === asked.payment_intent) &&
      (asked.subscription === undefined || one.subscription === asked.subscription)
    return page([...world.sessions.values()].filter(fits), asked, path)
  }),
  route('GET', '/v1/checkout/sessions/{id}', ask({}), ({ world, id }) => found(world.sessions, 'checkout.session', id)),
  route('GET', '/v1/checkout/sessions/{id}/line_items', ask(pages), ({ world, id, ask: asked, path }) =>
    page([...(world.lineItems.get(found(world.sessions, 'checkout.session', id).id) ?? [])].reverse(), asked, path),
  ),
  route('POST', '/v1/checkout/sessions/{id}/expire', ask({}), ({ world, id }) => {
    const session = found(world.sessions, 'checkout.session', id)
    if (session.status !== 'open')
      refuse(
        `Only Checkout Sessions with a status in ["open"] can be expired. This Checkout Session has a status of ${session.status}.`,
      )
    return expire(world, session)
  }),
]
