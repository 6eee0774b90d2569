// The SQL of backups. Nothing here decides anything.

import type { BackupState } from '@spoq/contracts/backup'
import { type Insertable, type Kysely, sql, type Transaction } from 'kysely'
import type { BackupChange, BackupRow, OwnedRow, RestoreRow, Tables } from '../db/tables.ts'

type Db = Kysely<Tables> | Transaction<Tables>

export const findBackup = (db: Db, id: string): Promise<BackupRow | undefined> =>
  db.selectFrom('backup').selectAll().where('id', '=', id).executeTakeFirst()

export const listBackups = (db: Db, account: string, machine: string): Promise<BackupRow[]> =>
  db
    .selectFrom('backup')
    .selectAll()
    .where('account_id', '=', account)
    .where('machine_id', '=', machine)
    .orderBy('created_at', 'desc')
    .orderBy('id')
    .execute()

/** Of all machines of an account, or of one alone. */
export const listOfAccount = (db: Db, account: string, only: string | null): Promise<BackupRow[]> =>
  db
    .selectFrom('backup')
    .selectAll()
    .where('account_id', '=', account)
    .$if(only !== null, query => query.where('machine_id', '=', only ?? ''))
    .orderBy('created_at', 'desc')
    .orderBy('id')
    .execute()

/** Undefined when its day has one already. */
export const insertBackup = (db: Db, row: Insertable<Tables['backup']>): Promise<BackupRow | undefined> =>
  db
    .insertInto('backup')
    .values(row)
    .onConflict(on => on.columns(['machine_id', 'slot']).doNothing())
    .returningAll()
    .executeTakeFirst()

/** Writes a change if the backup is still in one of these states; undefined when it is not. */
export const changeBackup = (
  db: Db,
  id: string,
  from: readonly BackupState[],
  change: BackupChange,
): Promise<BackupRow | undefined> =>
  db.updateTable('backup').set(change).where('id', '=', id).where('state', 'in', from).returningAll().executeTakeFirst()

/** Those that something is to be done about now, the oldest first. What is being made was cut off: nobody else works. */
export const listDue = (db: Db, now: Date): Promise<BackupRow[]> =>
  db
    .selectFrom('backup')
    .selectAll()
    .where('state', 'in', ['waiting', 'making', 'removing'])
    .where(eb => eb.or([eb('next_attempt_at', 'is', null), eb('next_attempt_at', '<=', now)]))
    .orderBy('created_at')
    .execute()

export const expire = (db: Db, now: Date) =>
  db
    .updateTable('backup')
    .set({ state: 'removing', next_attempt_at: null })
    .where('expires_at', '<=', now)
    .where('state', 'in', ['ready', 'failed'])
    .execute()

export const deleteBackup = (tx: Transaction<Tables>, id: string) =>
  tx.deleteFrom('backup').where('id', '=', id).execute()

/** The running machines, with the day of the last daily backup that was begun of each. */
export const listRunning = (db: Db): Promise<(Pick<OwnedRow, 'id' | 'account_id' | 'created_at'> & Last)[]> =>
  db
    .selectFrom('machine')
    .select(['id', 'account_id', 'created_at'])
    .select(sql<number | null>`(SELECT max(slot) FROM backup WHERE backup.machine_id = machine.id)`.as('last'))
    .where('state', '=', 'running')
    .where('account_id', 'is not', null)
    .$narrowType<{ account_id: string }>()
    .execute()

interface Last {
  last: number | null
}

export const findRestore = (db: Db, machine: string): Promise<RestoreRow | undefined> =>
  db.selectFrom('machine_restore').selectAll().where('machine_id', '=', machine).executeTakeFirst()

export function putRestore(db: Db, row: Omit<RestoreRow, 'attempts'>): Promise<RestoreRow> {
  const { machine_id: _, account_id: __, ...change } = { ...row, attempts: 0 }
  return db
    .insertInto('machine_restore')
    .values({ ...row, attempts: 0 })
    .onConflict(on => on.column('machine_id').doUpdateSet(change))
    .returningAll()
    .executeTakeFirstOrThrow()
}

export const listDueRestores = (db: Db, now: Date): Promise<RestoreRow[]> =>
  db
    .selectFrom('machine_restore')
    .selectAll()
    .where('state', 'in', ['waiting', 'running'])
    .where(eb => eb.or([eb('next_attempt_at', 'is', null), eb('next_attempt_at', '<=', now)]))
    .orderBy('asked_at')
    .execute()

/** Writes a change if the restore is still the one that was asked for. */
export const changeRestore = (
  db: Db,
  { machine_id, asked_at }: RestoreRow,
  change: Partial<Omit<RestoreRow, 'machine_id' | 'account_id'>>,
): Promise<RestoreRow | undefined> =>
  db
    .updateTable('machine_restore')
    .set(change)
    .where('machine_id', '=', machine_id)
    .where('asked_at', '=', asked_at)
    .returningAll()
    .executeTakeFirst()

/** How many backups are in each state. */
export async function countByState(db: Db): Promise<Record<string, number>> {
  const rows = await db
    .selectFrom('backup')
    .select(['state', sql<string>`count(*)`.as('count')])
    .groupBy('state')
    .execute()
  return Object.fromEntries(rows.map(({ state, count }) => [state, Number(count)]))
}
