import type { Kysely, Transaction } from 'kysely'
import type { Tables } from '../db/tables.ts'
import type { Batch } from './batch.ts'

/** What the verbs of the ledger are called with. */
export interface Ledger {
  db: Kysely<Tables>
  /** In ms since 1970. */
  now: () => number
  /** Where posts go that have no transaction of their caller's. */
  batch: Batch
}

/** A transaction of the caller's, where a posting is to be kept or lost together with rows of others. */
export type Within = Transaction<Tables> | undefined
