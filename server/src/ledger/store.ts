// The functions of the database, as they are called. Nothing here decides anything.

import { SpoqError } from '@spoq/contracts/problem'
import { type Kysely, sql } from 'kysely'
import type { Tables } from '../db/tables.ts'
import type { Refusal } from './refusal.ts'

/** A post as the database reads it. */
export interface PostBody {
  key: string
  kind: string
  lines?: { account: string; amount: string }[]
  reverses?: string
  effectiveAt?: string
  captures?: string
  note?: string
}

/** `after`: the balances of the guarded accounts once it was posted. */
export type PostAnswer = { tx: string; at: string; after: Record<string, string> } | Refusal
export type HoldAnswer = { hold: string; expiresAt: string } | Refusal

/** Posts all of them at once; the answers are in their order. */
export async function sendPosts(db: Kysely<Tables>, posts: readonly PostBody[], now: number): Promise<PostAnswer[]> {
  const call = sql<{ answers: PostAnswer[] }>`
    SELECT ledger.post(${JSON.stringify(posts)}::text::jsonb, ${new Date(now)}::timestamptz) AS answers`
  return (await patiently(db, () => call.execute(db))).rows[0]?.answers ?? []
}

export async function sendHold(db: Kysely<Tables>, wanted: object, now: number): Promise<HoldAnswer> {
  const call = sql<{ answer: HoldAnswer }>`
    SELECT ledger.hold(${JSON.stringify(wanted)}::text::jsonb, ${new Date(now)}::timestamptz) AS answer`
  return one((await patiently(db, () => call.execute(db))).rows).answer
}

export async function sendRelease(db: Kysely<Tables>, hold: string, now: number): Promise<string | null> {
  const call = sql<{ how: string | null }>`
    SELECT ledger.release(${hold}::bigint, ${new Date(now)}::timestamptz) AS how`
  return one((await patiently(db, () => call.execute(db))).rows).how
}

export async function sendExpire(db: Kysely<Tables>, most: number, now: number): Promise<number> {
  const call = sql<{ count: string }>`
    SELECT ledger.expire(${most}::int, ${new Date(now)}::timestamptz)::text AS count`
  return Number(one((await patiently(db, () => call.execute(db))).rows).count)
}

export interface ChargeCall {
  run: string
  onto: string
  kind: string
}
export type Charged = { charged: number; short: number }

export async function sendCharge(db: Kysely<Tables>, asked: ChargeCall, most: number, now: number): Promise<Charged> {
  const call = sql<{ answer: Charged }>`
    SELECT ledger.charge(${asked.run}, ${asked.onto}, ${asked.kind}, ${most}::int, ${new Date(now)}::timestamptz) AS answer`
  return one((await patiently(db, () => call.execute(db))).rows).answer
}

export async function sendSeal(db: Kysely<Tables>, most: number, now: number): Promise<number> {
  const call = sql<{ count: string }>`
    SELECT ledger.seal(${most}::int, ${new Date(now)}::timestamptz)::text AS count`
  return Number(one((await call.execute(db)).rows).count)
}

/**
 * Two that do the same at once, or wait for each other: the database ends one of both, which does it again. Within a
 * transaction that is for its caller to do.
 * @throws SpoqError `unavailable`
 */
async function patiently<T>(db: Kysely<Tables>, call: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await call()
    } catch (cause) {
      if (!/^40(001|P01)$/.test((cause as { code?: string }).code ?? '')) throw cause
      if (db.isTransaction || tries === 10)
        throw new SpoqError('unavailable', { cause, message: 'The ledger was busy with the same.', retryAfter: 1 })
    }
  }
}

function one<Row>(rows: readonly Row[]): Row {
  if (!rows[0]) throw new Error('the ledger answers nothing')
  return rows[0]
}
