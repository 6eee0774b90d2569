import type { Kysely } from 'kysely'
import type { Tables } from '../db/tables.ts'
import { listNames } from './store.ts'

/** All names that lead to a machine: its present one, and those of the last 30 days. */
export async function namesOf(db: Kysely<Tables>, machine: string, now: number): Promise<string[]> {
  return (await listNames(db, machine, new Date(now))).map(({ name }) => name)
}
