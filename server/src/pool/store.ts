// The SQL of the pool's limits. Nothing here decides anything.

import type { Kysely } from 'kysely'
import type { Tables } from '../db/tables.ts'
import type { Limits } from './ports.ts'

/** What an operator has said; undefined: nothing. */
export async function findLimits(db: Kysely<Tables>): Promise<Limits | undefined> {
  const row = await db.selectFrom('pool_limits').selectAll().executeTakeFirst()
  return row && { min: row.least, max: row.most }
}

export async function putLimits(db: Kysely<Tables>, { min, max }: Limits, now: number): Promise<void> {
  const limits = { least: min, most: max, set_at: new Date(now) }
  const put = db.insertInto('pool_limits').values(limits)
  await put.onConflict(conflict => conflict.column('only_one').doUpdateSet(limits)).execute()
}
