import type { NameCheck } from '@spoq/contracts/name'
import type { Kysely } from 'kysely'
import type { Tables } from '../db/tables.ts'
import { isReserved } from './reserved.ts'
import { findName } from './store.ts'

/** Whether an account could have a name now. It promises nothing: another may be faster. */
export async function check(db: Kysely<Tables>, account: string, name: string, now: number): Promise<NameCheck> {
  if (isReserved(name)) return { name, free: false, why: 'reserved' }
  const row = await findName(db, name)
  if (!row) return { name, free: true, why: null }
  if (row.until === null) return { name, free: false, why: 'taken' }
  const isFree = row.account_id === account || row.until.getTime() <= now
  return { name, free: isFree, why: isFree ? null : 'quarantined' }
}
