// What an event tells of. The event's own copy is not looked at further: it may be old, and events come in any order.

import * as z from 'zod/mini'

/** What is read again at Stripe. */
export type StaleKind = 'subscription' | 'checkout.session' | 'charge' | 'dispute'

const id = z.string()
const reference = z.nullish(z.union([id, z.object({ id })]))

const thin = z.object({
  id,
  object: z.string(),
  // Since the API of 2025 an invoice names its subscription there.
  parent: z.nullish(z.object({ subscription_details: z.nullish(z.object({ subscription: reference })) })),
  subscription: reference,
  charge: reference,
})

export const event = z.object({
  id: z.string().check(z.regex(/^evt_[A-Za-z0-9_]{1,250}$/)),
  object: z.literal('event'),
  type: z.string().check(z.maxLength(200)),
  created: z.int(),
  data: z.object({ object: z.unknown() }),
})
export type StripeEvent = z.infer<typeof event>

/** What has to be read again because of an event; null: nothing that we know. */
export function subjectOf({ type, data }: StripeEvent): { kind: StaleKind; object: string } | null {
  const parsed = thin.safeParse(data.object)
  if (!parsed.success) return null
  const { id: own, object, parent, subscription, charge } = parsed.data
  const of = (kind: StaleKind, found: z.infer<typeof reference>) => {
    const known = typeof found === 'string' ? found : found?.id
    return known ? { kind, object: known } : null
  }
  if (type.startsWith('customer.subscription.') && object === 'subscription') return of('subscription', own)
  if (type.startsWith('invoice.')) return of('subscription', parent?.subscription_details?.subscription ?? subscription)
  if (type.startsWith('checkout.session.')) return of('checkout.session', own)
  if (type.startsWith('charge.dispute.')) return of('dispute', own)
  if (type.startsWith('charge.')) return of('charge', own)
  return type.startsWith('refund.') ? of('charge', charge) : null
}
