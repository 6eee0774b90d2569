// The machine's database: node:sqlite, durable at every commit.

import { DatabaseSync } from 'node:sqlite'
import { SpoqError } from '@spoq/contracts/problem'
import { migrate } from './migrate.ts'

export interface Database {
  readonly sql: DatabaseSync
  /**
   * Does the work in one transaction; inside another one it is part of that.
   * @throws SpoqError `disk_full` when there is no room; nothing of the work then stands.
   */
  transaction<T>(work: () => T): T
  /** Runs once the transaction around is on the disk; never when it is not. */
  afterCommit(then: () => void): void
  close(): void
}

/**
 * Opens the database file, which is made if needed, and brings its tables to the newest form.
 * @param maxPages most pages of 4 KiB that it may grow to; for trying what a full disk does.
 */
export function openDatabase(file: string, maxPages?: number): Database {
  const sql = new DatabaseSync(file)
  sql.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 5000')
  if (maxPages !== undefined) sql.exec(`PRAGMA max_page_count = ${maxPages}`)
  const database = withTransactions(sql)
  database.transaction(() => migrate(sql))
  return database
}

function withTransactions(sql: DatabaseSync): Database {
  let committed: (() => void)[] = []

  function transaction<T>(work: () => T): T {
    if (sql.isTransaction) return work()
    let result: T
    try {
      sql.exec('BEGIN IMMEDIATE')
      result = work()
      sql.exec('COMMIT')
    } catch (error) {
      committed = []
      if (sql.isTransaction) sql.exec('ROLLBACK')
      throw isFull(error) ? new SpoqError('disk_full', { cause: error }) : error
    }
    for (const then of committed.splice(0)) then()
    return result
  }

  return { sql, transaction, afterCommit: then => committed.push(then), close: () => sql.close() }
}

const sqliteFull = 13

/** SQLite's primary result code is in the lowest byte; it answers "full" for a full disk and for a full file. */
function isFull(error: unknown): boolean {
  return (((error as { errcode?: number }).errcode ?? 0) & 0xff) === sqliteFull
}
