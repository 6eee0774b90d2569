// POST /webhooks/NAME: somebody else's wire format, so it is none of our routes. Who signed a message is believed in one
// thing: that something changed. What it is now is read from them.

import type { Kysely } from 'kysely'
import type { Tables } from '../db/tables.ts'
import type { Log } from '../log.ts'
import { keepWebhook, type NewWebhook } from './store.ts'

/** How far the time of a signature may be from ours, either way. */
const skewSeconds = 300
/** Stripe's largest messages have some 100 KB. */
const largest = 512 << 10

/** Who sends messages, and how they are read. */
export interface Sender {
  /** Stands in the log. */
  name: string
  /** Null when it is signed by them, now; else what is wrong with it. */
  check: (raw: Buffer, headers: Headers) => string | null
  /** Null: it is no message of theirs. */
  read: (raw: Buffer) => Omit<NewWebhook, 'receivedAt' | 'payload'> | null
}

export interface TakePorts {
  db: Kysely<Tables>
  /** Has what is stale read soon. */
  wake: () => void
  now: () => number
  log: Log
}

/** Takes a message in, and answers 200 once it is stored. What is not theirs is refused, and nothing is written. */
export async function take(
  { db, wake, now, log }: TakePorts,
  { name, check, read }: Sender,
  request: Request,
): Promise<Response> {
  const raw = Buffer.from(await request.arrayBuffer())
  const refused = (status: number, reason: string) => {
    log('warn', `${name}.webhook-refused`, { reason })
    return Response.json({ received: false, reason }, { status })
  }
  if (raw.byteLength > largest) return refused(413, 'it is too large')
  const wrong = check(raw, request.headers)
  if (wrong) return refused(400, wrong)
  const message = read(raw)
  if (!message) return refused(400, 'it is no event')
  if (await keepWebhook(db, { ...message, receivedAt: new Date(now()), payload: raw.toString() })) wake()
  return Response.json({ received: true })
}

/** Whether a time in a signature, in seconds, is that of now. */
export const isNow = (seconds: string, now: number) => Math.abs(now / 1_000 - Number(seconds)) <= skewSeconds

export function jsonOf(raw: Buffer): unknown {
  try {
    return JSON.parse(raw.toString())
  } catch {
    return null
  }
}
