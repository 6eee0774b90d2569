import type { Connection } from '@spoq/contracts/connection'
import type { Kysely } from 'kysely'
import type { Tables } from '../db/tables.ts'
import { toConnection } from './shape.ts'
import { listOwned } from './store.ts'

/** @param machine of which alone, for a token that is for one machine. */
export async function list(db: Kysely<Tables>, account: string, machine?: string | null): Promise<Connection[]> {
  const rows = await listOwned(db, account)
  return rows.filter(row => !machine || row.machine_id === machine).map(toConnection)
}
