import type { Stripe } from './open.ts'
import { asking, unlessMissing } from './problem.ts'

/** A checkout as it is now; null: there is none. @throws SpoqError `billing_unavailable`. */
export const readSession = (stripe: Stripe, id: string): Promise<Stripe.Checkout.Session | null> =>
  asking(() => stripe.checkout.sessions.retrieve(id, { expand: ['payment_intent'] })).catch(unlessMissing)

/** The same of a charge. @throws SpoqError `billing_unavailable`. */
export const readCharge = (stripe: Stripe, id: string): Promise<Stripe.Charge | null> =>
  asking(() => stripe.charges.retrieve(id)).catch(unlessMissing)

/** The same of a dispute. @throws SpoqError `billing_unavailable`. */
export const readDispute = (stripe: Stripe, id: string): Promise<Stripe.Dispute | null> =>
  asking(() => stripe.disputes.retrieve(id)).catch(unlessMissing)

/** The id of what may stand there expanded. */
export const idOf = (value: string | { id: string } | null): string | null =>
  typeof value === 'string' ? value : (value?.id ?? null)
