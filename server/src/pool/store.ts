// The SQL of the pool's limits. Nothing here decides anything.

import { type Kysely, sql, type Transaction } from 'kysely'
import type { Tables } from '../db/tables.ts'
import type { Limits } from './ports.ts'

/** What an operator has said; undefined: nothing. */
export async function findLimits(db: Kysely<Tables>): Promise<Limits | undefined> {
  const row = await db.selectFrom('pool_limits').selectAll().executeTakeFirst()
  return row && { min: row.least, max: row.most }
}

/** Who changes them reads what the one before wrote. */
export async function lockLimits(trx: Transaction<Tables>): Promise<void> {
  await sql`LOCK TABLE pool_limits IN SHARE ROW EXCLUSIVE MODE`.execute(trx)
}

export async function putLimits(db: Kysely<Tables>, { min, max }: Limits, now: number): Promise<void> {
  const limits = { least: min, most: max, set_at: new Date(now) }
  const put = db.insertInto('pool_limits').values(limits)
  await put.onConflict(conflict => conflict.column('only_one').doUpdateSet(limits)).execute()
}
