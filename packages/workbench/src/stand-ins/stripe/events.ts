// Events, where they are sent, and the portal.

import type Stripe from 'stripe'
import * as z from 'zod'
import { found } from './refusal.ts'
import { page, route } from './route.ts'
import { ask, int, list, merged, metadata, pages, text } from './shape.ts'
import { newId, type World } from './world.ts'

const created = z.strictObject({ gt: int.optional(), gte: int.optional(), lt: int.optional(), lte: int.optional() })
const eventsAsk = ask({ type: text.optional(), types: list(text).optional(), created: created.optional(), ...pages })
const endpointAsk = ask({
  url: z.url(),
  enabled_events: list(text),
  api_version: text.optional(),
  description: text.optional(),
  metadata: metadata.optional(),
})
const portalAsk = ask({
  customer: text,
  return_url: text.optional(),
  configuration: text.optional(),
  flow_data: z.strictObject({ type: z.literal('payment_method_update') }).optional(),
})

/** The secret is told once, when it is made. */
function makeEndpoint(world: World, asked: z.infer<typeof endpointAsk>): Stripe.WebhookEndpoint {
  const endpoint: Stripe.WebhookEndpoint = {
    id: newId('we'),
    object: 'webhook_endpoint',
    api_version: asked.api_version ?? null,
    application: null,
    created: world.now(),
    description: asked.description ?? null,
    enabled_events: asked.enabled_events,
    livemode: false,
    metadata: merged({}, asked.metadata),
    secret: newId('whsec'),
    status: 'enabled',
    url: asked.url,
  }
  world.endpoints.set(endpoint.id, endpoint)
  return endpoint
}

const withoutSecret = ({ secret: _, ...endpoint }: Stripe.WebhookEndpoint) => endpoint

function makePortal(world: World, asked: z.infer<typeof portalAsk>): Stripe.BillingPortal.Session {
  const id = newId('bps')
  const portal: Stripe.BillingPortal.Session = {
    id,
    object: 'billing_portal.session',
    configuration: asked.configuration ?? 'bpc_default',
    created: world.now(),
    customer: found(world.customers, 'customer', asked.customer, 'customer').id,
    customer_account: null,
    flow: asked.flow_data
      ? {
          after_completion: { hosted_confirmation: null, redirect: null, type: 'portal_homepage' },
          customer_update: null,
          subscription_cancel: null,
          subscription_pause: null,
          subscription_update: null,
          subscription_update_confirm: null,
          type: asked.flow_data.type,
        }
      : null,
    livemode: false,
    locale: null,
    on_behalf_of: null,
    return_url: asked.return_url ?? null,
    url: `${world.settings.url}/p/session/${id}`,
  }
  world.portals.set(id, portal)
  return portal
}

export const eventRoutes = [
  route('GET', '/v1/events', eventsAsk, ({ world, ask: asked, path }) => {
    const { gt, gte, lt, lte } = asked.created ?? {}
    const fits = (event: Stripe.Event) =>
      (asked.type === undefined || event.type === asked.type) &&
      (asked.types === undefined || asked.types.includes(event.type)) &&
      (gt === undefined || event.created > gt) &&
      (gte === undefined || event.created >= gte) &&
      (lt === undefined || event.created < lt) &&
      (lte === undefined || event.created <= lte)
    return page([...world.events.values()].filter(fits), asked, path)
  }),
  route('GET', '/v1/events/{id}', ask({}), ({ world, id }) => found(world.events, 'event', id)),
  route('POST', '/v1/webhook_endpoints', endpointAsk, ({ world, ask: asked }) => makeEndpoint(world, asked)),
  route('GET', '/v1/webhook_endpoints', ask(pages), ({ world, ask: asked, path }) =>
    page([...world.endpoints.values()].map(withoutSecret) as Stripe.WebhookEndpoint[], asked, path),
  ),
  route('POST', '/v1/billing_portal/sessions', portalAsk, ({ world, ask: asked }) => makePortal(world, asked)),
]
