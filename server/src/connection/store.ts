// The SQL of connections. Nothing here decides anything.

import type { Insertable, Kysely, Selectable, Transaction } from 'kysely'
import type { ConnectionTable, Tables } from '../db/tables.ts'

export type ConnectionRow = Selectable<ConnectionTable>
type Place = Pick<ConnectionRow, 'account_id' | 'address' | 'port' | 'login_name'>

export async function findConnection(db: Kysely<Tables>, id: string): Promise<ConnectionRow | undefined> {
  return db.selectFrom('connection').selectAll().where('id', '=', id).executeTakeFirst()
}

/** The connection of an account; another's is not there. */
export async function findOwned(db: Kysely<Tables>, account: string, id: string): Promise<ConnectionRow | undefined> {
  const query = db.selectFrom('connection').selectAll().where('id', '=', id)
  return query.where('account_id', '=', account).executeTakeFirst()
}

/** Nobody else changes it before the transaction ends. */
export async function lockConnection(trx: Transaction<Tables>, id: string): Promise<ConnectionRow | undefined> {
  return trx.selectFrom('connection').selectAll().where('id', '=', id).forUpdate().executeTakeFirst()
}

export async function findAt(db: Kysely<Tables>, place: Place): Promise<ConnectionRow | undefined> {
  const query = db.selectFrom('connection').selectAll().where('account_id', '=', place.account_id)
  return query
    .where('address', '=', place.address)
    .where('port', '=', place.port)
    .where('login_name', '=', place.login_name)
    .executeTakeFirst()
}

export async function findOfMachine(db: Kysely<Tables>, machine: string): Promise<ConnectionRow | undefined> {
  return db.selectFrom('connection').selectAll().where('machine_id', '=', machine).executeTakeFirst()
}

/** Newest first. */
export async function listOwned(db: Kysely<Tables>, account: string): Promise<ConnectionRow[]> {
  const query = db.selectFrom('connection').selectAll().where('account_id', '=', account)
  return query.orderBy('created_at', 'desc').orderBy('id').execute()
}

export async function listBound(db: Kysely<Tables>): Promise<ConnectionRow[]> {
  return db.selectFrom('connection').selectAll().where('machine_id', 'is not', null).execute()
}

/** False when the account has one to that place already. */
export async function insertConnection(trx: Transaction<Tables>, row: Insertable<ConnectionTable>): Promise<boolean> {
  const inserting = trx.insertInto('connection').values(row)
  const { numInsertedOrUpdatedRows } = await inserting.onConflict(on => on.doNothing()).executeTakeFirstOrThrow()
  return (numInsertedOrUpdatedRows ?? 0n) > 0n
}

export async function changeConnection(
  db: Kysely<Tables>,
  id: string,
  changed: Partial<Omit<ConnectionRow, 'id' | 'account_id' | 'address' | 'port' | 'login_name' | 'created_at'>>,
): Promise<void> {
  await db.updateTable('connection').set(changed).where('id', '=', id).execute()
}

export async function deleteConnection(trx: Transaction<Tables>, id: string): Promise<void> {
  await trx.deleteFrom('connection').where('id', '=', id).execute()
}
