// What Stripe sends to POST /webhooks/stripe.

import Stripe from 'stripe'
import { textOf } from '../log.ts'
import { isNow, jsonOf, type Sender, type TakePorts, take } from '../webhook/take.ts'
import { event, subjectOf } from './subject.ts'

export const webhookPath = '/webhooks/stripe'

export interface WebhookPorts extends TakePorts {
  /** What the endpoint's events are signed with. */
  secret: string
}

/** Takes an event in, and answers 200 once it is stored. What is not Stripe's is refused, and nothing is written. */
export function takeWebhook(ports: WebhookPorts, request: Request): Promise<Response> {
  return take(ports, senderOf(ports), request)
}

const senderOf = ({ secret, now }: WebhookPorts): Sender => ({
  name: 'stripe',
  check: (raw, headers) => checkSignature(raw, headers.get('stripe-signature'), secret, now()),
  read: raw => {
    const parsed = event.safeParse(jsonOf(raw))
    if (!parsed.success) return null
    const { id, type, created } = parsed.data
    return { id, type, stale: subjectOf(parsed.data), madeAt: new Date(created * 1_000) }
  },
})

/** Null when it is signed with the secret, now; else what is wrong with it. */
export function checkSignature(raw: Buffer, header: string | null, secret: string, now: number): string | null {
  if (!header) return 'it is not signed'
  const at = /(?:^|,)\s*t=(\d{1,12})(?:,|$)/.exec(header)?.[1]
  if (at === undefined) return 'its signature has no time'
  // By our own clock: the SDK alone takes any time that is ahead.
  if (!isNow(at, now)) return 'it is too old, or from the future: check the clock'
  try {
    // A tolerance of 0 would switch its own check off; the time was checked above.
    Stripe.webhooks.signature?.verifyHeader(raw, header, secret, Number.MAX_SAFE_INTEGER)
    return Stripe.webhooks.signature ? null : 'signatures cannot be checked here'
  } catch (error) {
    return error instanceof Stripe.errors.StripeSignatureVerificationError ? 'its signature is wrong' : textOf(error)
  }
}
