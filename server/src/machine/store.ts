// The SQL of machines. Nothing here decides anything.

import type { Kysely, QueryCreator, Transaction } from 'kysely'
import { type NewRecord, recordOf } from '../audit/record.ts'
import type { MachineChange, MachineRow, NewMachineRow, OwnedRow, Tables } from '../db/tables.ts'

export async function findMachine(db: Kysely<Tables>, id: string): Promise<MachineRow | undefined> {
  return db.selectFrom('machine').selectAll().where('id', '=', id).executeTakeFirst()
}

/** The machine of an account; another's is not there. */
export async function findOwned(db: Kysely<Tables>, account: string, id: string): Promise<OwnedRow | undefined> {
  return db
    .selectFrom('machine')
    .selectAll()
    .where('id', '=', id)
    .where('account_id', '=', account)
    .$narrowType<{ account_id: string }>()
    .executeTakeFirst()
}

/** The same, and nobody else changes it before the transaction ends. */
export async function lockOwned(trx: Transaction<Tables>, account: string, id: string): Promise<OwnedRow | undefined> {
  return trx
    .selectFrom('machine')
    .selectAll()
    .where('id', '=', id)
    .where('account_id', '=', account)
    .$narrowType<{ account_id: string }>()
    .forUpdate()
    .executeTakeFirst()
}

/** An account's machines, newest first. */
export async function listOwned(db: Kysely<Tables>, account: string, all: boolean): Promise<MachineRow[]> {
  const query = db.selectFrom('machine').selectAll().where('account_id', '=', account).orderBy('created_at', 'desc')
  return (all ? query : query.where('state', '<>', 'terminated')).orderBy('id').execute()
}

/** An account's machines that are not over. */
export async function listIdsOwned(db: Kysely<Tables>, account: string): Promise<string[]> {
  const query = db.selectFrom('machine').select('id').where('account_id', '=', account)
  return (await query.where('state', '<>', 'terminated').orderBy('id').execute()).map(({ id }) => id)
}

/** The machines of an account that are not over or about to be, oldest first; nobody else changes them meanwhile. */
export async function lockOwnedAll(trx: Transaction<Tables>, account: string): Promise<OwnedRow[]> {
  return trx
    .selectFrom('machine')
    .selectAll()
    .where('account_id', '=', account)
    .where('state', 'not in', ['terminating', 'terminated'])
    .$narrowType<{ account_id: string }>()
    .orderBy('created_at')
    .orderBy('id')
    .forUpdate()
    .execute()
}

/** How many machines an account has of these; those that are over or about to be do not count. */
export async function countOf(db: Kysely<Tables>, account: string, counted: Counted): Promise<number> {
  if (counted.providers.length === 0) return 0
  return Number((await countingOf(db, account, counted).executeTakeFirstOrThrow()).count)
}

export interface Counted {
  providers: readonly MachineRow['provider'][]
  templates: readonly MachineRow['template'][]
}

export const countingOf = (db: QueryCreator<Tables>, account: string, { providers, templates }: Counted) =>
  db
    .selectFrom('machine')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('account_id', '=', account)
    .where('provider', 'in', providers)
    .where('template', 'in', templates)
    .where('state', 'not in', ['terminating', 'terminated'])

export async function findByRequest(db: Kysely<Tables>, account: string, key: string): Promise<MachineRow | undefined> {
  return db
    .selectFrom('machine')
    .selectAll()
    .where('account_id', '=', account)
    .where('request_key', '=', key)
    .executeTakeFirst()
}

/** Undefined when its name is taken, or its request made one already. */
export async function insertMachine(trx: Transaction<Tables>, row: NewMachineRow): Promise<MachineRow | undefined> {
  return trx
    .insertInto('machine')
    .values(row)
    .onConflict(on => on.doNothing())
    .returningAll()
    .executeTakeFirst()
}

/** Writes a change if the row is still the one that was read; undefined when it is not. */
export async function changeRow(
  trx: Transaction<Tables>,
  row: MachineRow,
  change: MachineChange,
  now: number,
): Promise<MachineRow | undefined> {
  return changing(trx, row, change, now).executeTakeFirst()
}

/** The same with its audit record, in one statement. */
export async function changeRecorded(
  db: Kysely<Tables>,
  row: MachineRow,
  change: MachineChange,
  by: Omit<NewRecord, 'resource'>,
  now: number,
): Promise<MachineRow | undefined> {
  return db
    .with('changed', part => changing(part, row, change, now))
    .with('told', () => recordOf('changed', by, now))
    .selectFrom('changed')
    .selectAll()
    .executeTakeFirst()
}

const changing = (db: QueryCreator<Tables>, row: MachineRow, change: MachineChange, now: number) =>
  db
    .updateTable('machine')
    .set({ ...change, version: row.version + 1, updated_at: new Date(now) })
    .where('id', '=', row.id)
    .where('version', '=', row.version)
    .returningAll()

/** Everything the reconciler looks after at one provider, and who is over too, for what they may have left behind. */
export async function listOfProvider(db: Kysely<Tables>, provider: MachineRow['provider']): Promise<MachineRow[]> {
  return db.selectFrom('machine').selectAll().where('provider', '=', provider).execute()
}

/**
 * Machines that take another backend's tokens have no address until they take this one's: to be called by a backend that
 * may have come back elsewhere, before anybody asks it for one.
 */
export async function forgetMoved(db: Kysely<Tables>, issuer: string): Promise<void> {
  await db
    .updateTable('machine')
    .set({ endpoint: null })
    .where('endpoint', 'is not', null)
    .where('issuer', 'is distinct from', issuer)
    .execute()
}

/**
 * What a backend that died may have left, to be called by one that knows it is alone and need not wait: its leases end, and
 * a create without an answer counts as sent just now, since it may have been cut off at any moment until the death. `now` is told by the database's clock, in ms.
 */
export async function forgetDeadBackend(db: Kysely<Tables>, now: number): Promise<void> {
  await db
    .updateTable('machine')
    .set({ lease_until: null, lease_owner: null })
    .where('lease_until', 'is not', null)
    .execute()
  await db
    .updateTable('machine')
    .set({ create_sent_at: new Date(now) })
    .where('create_sent_at', 'is not', null)
    .where('provider_ref', 'is', null)
    .where('state', '<>', 'terminated')
    .execute()
}
