// POST /webhooks/stripe: somebody else's wire format, so it is none of our routes. Who signed it is believed in one thing:
// that something changed. What it is now is read from Stripe itself.

import type { Kysely } from 'kysely'
import Stripe from 'stripe'
import type { Tables } from '../db/tables.ts'
import { type Log, textOf } from '../log.ts'
import { keepEvent } from './store.ts'
import { event, subjectOf } from './subject.ts'

export const webhookPath = '/webhooks/stripe'

/** How far the time of a signature may be from ours, either way. The SDK alone takes any that is ahead. */
export const skewSeconds = 300
/** Stripe's largest events have some 100 KB. */
const largest = 512 << 10

export interface WebhookPorts {
  db: Kysely<Tables>
  /** What the endpoint's events are signed with. */
  secret: string
  /** Has what is stale read soon. */
  wake: () => void
  now: () => number
  log: Log
}

/** Takes an event in, and answers 200 once it is stored. What is not Stripe's is refused, and nothing is written. */
export async function takeWebhook({ db, secret, wake, now, log }: WebhookPorts, request: Request): Promise<Response> {
  const raw = Buffer.from(await request.arrayBuffer())
  const refused = (status: number, reason: string) => {
    log('warn', 'stripe.webhook-refused', { reason })
    return Response.json({ received: false, reason }, { status })
  }
  if (raw.byteLength > largest) return refused(413, 'it is too large')
  const wrong = checkSignature(raw, request.headers.get('stripe-signature'), secret, now())
  if (wrong) return refused(400, wrong)
  const parsed = event.safeParse(jsonOf(raw))
  if (!parsed.success) return refused(400, 'it is no event')
  const { id, type, created } = parsed.data
  const times = { madeAt: new Date(created * 1_000), receivedAt: new Date(now()) }
  const isNew = await keepEvent(db, { id, type, stale: subjectOf(parsed.data), ...times, payload: raw.toString() })
  if (isNew) wake()
  return Response.json({ received: true })
}

/** Null when it is signed with the secret, now; else what is wrong with it. */
export function checkSignature(raw: Buffer, header: string | null, secret: string, now: number): string | null {
  if (!header) return 'it is not signed'
  const at = /(?:^|,)\s*t=(\d{1,12})(?:,|$)/.exec(header)?.[1]
  if (at === undefined) return 'its signature has no time'
  if (Math.abs(now / 1_000 - Number(at)) > skewSeconds) return 'it is too old, or from the future: check the clock'
  try {
    // A tolerance of 0 would switch its own check off; the time was checked above, by our own clock.
    Stripe.webhooks.signature?.verifyHeader(raw, header, secret, Number.MAX_SAFE_INTEGER)
    return Stripe.webhooks.signature ? null : 'signatures cannot be checked here'
  } catch (error) {
    return error instanceof Stripe.errors.StripeSignatureVerificationError ? 'its signature is wrong' : textOf(error)
  }
}

function jsonOf(raw: Buffer): unknown {
  try {
    return JSON.parse(raw.toString())
  } catch {
    return null
  }
}
