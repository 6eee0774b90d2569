import type { Kysely } from 'kysely'
import type { Tables } from '../db/tables.ts'
import { findName } from './store.ts'

/** The machine that a name leads to, its present one or one of the last 30 days; null when there is none. */
export async function whereIs(db: Kysely<Tables>, name: string, now: number): Promise<string | null> {
  const row = await findName(db, name)
  return row && (row.until === null || row.until.getTime() > now) ? row.machine_id : null
}
