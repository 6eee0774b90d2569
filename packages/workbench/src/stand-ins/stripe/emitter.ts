// Events: kept, held against the official document, and sent to the endpoints that asked for them.

import type Stripe from 'stripe'
import type { OfficialDocument } from '../../official/document.ts'
import { eventFaults } from './official.ts'
import type { Delivery, webhooks } from './webhooks.ts'
import { newId, type World } from './world.ts'

export function emitter(sent: ReturnType<typeof webhooks>, official: OfficialDocument | null) {
  let request: { id: string; key: string | null } | null = null
  const invalid: string[] = []

  return {
    /** What was not valid against the official document. */
    invalid,
    asking: (asked: typeof request): void => {
      request = asked
    },
    emit(world: World, type: string, object: object, previous?: object): void {
      const to = [...world.endpoints.values()].filter(
        one => one.status === 'enabled' && (one.enabled_events.includes('*') || one.enabled_events.includes(type)),
      )
      const event = {
        id: newId('evt'),
        object: 'event',
        api_version: world.settings.apiVersion,
        created: world.now(),
        data: { object: structuredClone(object), ...(previous && { previous_attributes: previous }) },
        livemode: false,
        pending_webhooks: to.length,
        request: { id: request?.id ?? null, idempotency_key: request?.key ?? null },
        type,
      } as unknown as Stripe.Event
      if (official) invalid.push(...eventFaults(official, event).map(fault => `event ${type}: ${fault}`))
      world.events.set(event.id, event)
      for (const endpoint of to) {
        const copy = { ...event, api_version: endpoint.api_version ?? event.api_version } as Stripe.Event
        sent.send(copy, endpoint as Delivery['endpoint'], () => {
          event.pending_webhooks = Math.max(0, event.pending_webhooks - 1)
        })
      }
    },
  }
}
