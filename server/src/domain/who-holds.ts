import type { Kysely } from 'kysely'
import type { Tables } from '../db/tables.ts'
import { findHolder } from './store.ts'

/** The machine that a domain leads to: the one whose owner proved it. Null while nobody did. */
export async function whoHolds(db: Kysely<Tables>, domain: string): Promise<string | null> {
  return (await findHolder(db, domain))?.machine_id ?? null
}
