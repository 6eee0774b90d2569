// The shared counts of requests, as rows: each backend adds what it saw and learns what all of them did.

import { createHash } from 'node:crypto'
import { type Kysely, sql } from 'kysely'
import type { Tables } from '../db/tables.ts'

export type RateLimitTables = { request_count: { key: string; count: number; until: Date } }
export type RateLimitDb = Kysely<Tables & RateLimitTables>

/** Added to the counts of the window that runs, or the first of a new one. */
export interface Added {
  key: string
  count: number
  until: Date
}

/** Adds to many counts in one statement, and answers where all backends together are. */
export async function addCounts(db: RateLimitDb, added: Added[], now: number): Promise<Added[]> {
  const at = new Date(now)
  const keys = new Map(added.map(one => [hashOf(one.key), one.key]))
  const rows = await db
    .insertInto('request_count')
    // In one order: two backends that add to the same keys would wait for each other.
    .values(added.map(one => ({ ...one, key: hashOf(one.key) })).sort((a, b) => (a.key < b.key ? -1 : 1)))
    .onConflict(conflict =>
      conflict.column('key').doUpdateSet({
        count: sql`case when request_count.until <= ${at} then excluded.count else request_count.count + excluded.count end`,
        until: sql`case when request_count.until <= ${at} then excluded.until else request_count.until end`,
      }),
    )
    .returningAll()
    .execute()
  return rows.map(row => ({ ...row, key: keys.get(row.key) ?? '' }))
}

/** What nobody counts on any more goes. */
export async function dropCounts(db: RateLimitDb, now: number): Promise<void> {
  await db.deleteFrom('request_count').where('until', '<', new Date(now)).execute()
}

/** Addresses are nobody's business in a table of counters. */
const hashOf = (key: string) => createHash('sha256').update(key).digest('base64url')
