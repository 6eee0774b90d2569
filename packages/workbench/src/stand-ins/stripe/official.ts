// Stripe's document for what the stand-in says: events are held against the shape of their own type, as there are
// hundreds of types.

import type { OfficialDocument } from '../../official/document.ts'
import type { Json } from '../../official/schema.ts'

/** Every type of event has its own path in the amended document. */
const pathOf = (type: string): string => `/spoq/events/${type}`

export function amendStripe(document: Json): void {
  const { schemas } = document.components as { schemas: Record<string, Json> }
  const paths = document.paths as Json
  for (const [name, schema] of Object.entries(schemas)) {
    const type = (schema.properties as Record<string, Json> | undefined)?.type?.const
    if (!name.startsWith('Events.') || typeof type !== 'string' || !name.endsWith('Event')) continue
    const content = { 'application/json': { schema: { $ref: `#/components/schemas/${name}` } } }
    paths[pathOf(type)] = { get: { responses: { 200: { description: 'an event', content } } } }
  }
  const any = { 'application/json': { schema: { type: 'object', additionalProperties: true } } }
  for (const path of ['/v1/events', '/v1/events/{id}']) {
    const { get } = paths[path] as { get: { responses: Json } }
    get.responses = { 200: { description: 'held against its own type when it was made', content: any } }
  }
}

/** What is wrong with an event. */
export const eventFaults = (official: OfficialDocument, event: { type: string }): string[] =>
  official.answer(
    { method: 'GET', path: pathOf(event.type), query: new URLSearchParams(), body: undefined },
    200,
    event,
  )
