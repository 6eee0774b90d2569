// The SQL of names. Nothing here decides anything.

import { type Kysely, type Selectable, sql, type Transaction } from 'kysely'
import type { ClaimedNameTable, Tables } from '../db/tables.ts'

export type NameRow = Selectable<ClaimedNameTable>

export async function findName(db: Kysely<Tables>, name: string): Promise<NameRow | undefined> {
  return db.selectFrom('claimed_name').selectAll().where('name', '=', name).executeTakeFirst()
}

/** The names of a machine that are not over. */
export async function listNames(db: Kysely<Tables>, machine: string, now: Date): Promise<NameRow[]> {
  return db
    .selectFrom('claimed_name')
    .selectAll()
    .where('machine_id', '=', machine)
    .where(({ or, eb }) => or([eb('until', 'is', null), eb('until', '>', now)]))
    .orderBy('name')
    .execute()
}

/** Takes a name that is nobody's, was given back long enough ago, or was the same account's; false when it is not so. */
export async function takeName(
  trx: Transaction<Tables>,
  row: { name: string; account_id: string; machine_id: string },
  now: Date,
): Promise<boolean> {
  const { name, account_id, machine_id } = row
  const taken = sql`insert into "claimed_name" ("name", "account_id", "machine_id")
    values (${name}, ${account_id}, ${machine_id}) ${ifFree(now)} returning "name"`
  return (await taken.execute(trx)).rows.length > 0
}

/** The same as a part of a statement, for the machine whose id the part `machine` answers; answers that id where it is taken. */
export const takeNameFor = (machine: string, name: string, account: string, now: Date) =>
  sql<{ id: string }>`(insert into "claimed_name" ("name", "account_id", "machine_id")
    select ${name}::text, ${account}::text, "id" from ${sql.table(machine)} ${ifFree(now)} returning "machine_id" as "id")`

const ifFree = (now: Date) => sql`on conflict ("name") do update
  set "account_id" = excluded."account_id", "machine_id" = excluded."machine_id", "until" = null
  where claimed_name."until" <= ${now}::timestamptz
    or (claimed_name."until" is not null and claimed_name."account_id" = excluded."account_id")`

/** Gives the names back that a machine has, or this one of them. */
export async function giveBack(trx: Transaction<Tables>, machine: string, until: Date, name?: string): Promise<void> {
  const query = trx.updateTable('claimed_name').set({ until }).where('machine_id', '=', machine)
  await (name === undefined ? query : query.where('name', '=', name)).where('until', 'is', null).execute()
}
