// The database, whichever it is: PostgreSQL at an address, or the embedded one in the data folder. Nobody but this folder
// knows which; where it matters who else is there, `engine` says it.

import type { Dialect, Kysely } from 'kysely'
import type { ConstructorOptions } from 'pg-boss'
import { openEmbedded } from './embedded.ts'
import { openPostgres } from './postgres.ts'
import type { Tables } from './tables.ts'

export interface Database {
  /** `embedded` has one connection and one backend; `postgres` has many of both. */
  engine: 'embedded' | 'postgres'
  /** Inside a transaction use the transaction alone: with one connection, this one would wait for itself for ever. */
  db: Kysely<Tables>
  /** What pg-boss reaches it by. */
  boss: ConstructorOptions
  /** Runs SQL past everything that watches: for tests and benches. Without parameters it may be several statements. */
  query<Row>(sql: string, params?: unknown[]): Promise<Row[]>
  /** Runs the work while no other backend of this database runs any under the same name; waits for its turn. */
  locked<T>(name: string, work: () => Promise<T>): Promise<T>
  /** The same, but does not wait: false when another is at it, and then the work was not run. */
  unlessLocked(name: string, work: () => Promise<void>): Promise<boolean>
  /** Whether it does not answer just now: what a library says then may be anything. */
  isAway(): Promise<boolean>
  close(): Promise<void>
}

/** Lets a test stand between Kysely and the connections. */
export type WrapDialect = (dialect: Dialect) => Dialect

export interface DatabasePlace {
  /** Where the embedded one is kept. */
  dataDir: string
  /** The address of a PostgreSQL; null: the embedded one. */
  url: string | null
  wrap?: WrapDialect | undefined
}

/**
 * Opens the database. What is in it is brought up to date by `job/open.ts` and `migrate.ts`.
 * @throws SpoqError `unavailable` when the PostgreSQL does not answer, `config_invalid` when it lets nobody in there.
 */
export async function openDatabase({ dataDir, url, wrap }: DatabasePlace): Promise<Database> {
  return url === null ? openEmbedded(dataDir, wrap) : openPostgres(url, wrap)
}
