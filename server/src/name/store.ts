// The SQL of names. Nothing here decides anything.

import type { Kysely, Selectable, Transaction } from 'kysely'
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
  const taken = await trx
    .insertInto('claimed_name')
    .values({ ...row, until: null })
    .onConflict(on =>
      on
        .column('name')
        .doUpdateSet({ account_id: row.account_id, machine_id: row.machine_id, until: null })
        .where(({ or, and, eb }) =>
          or([
            eb('claimed_name.until', '<=', now),
            and([eb('claimed_name.until', 'is not', null), eb('claimed_name.account_id', '=', row.account_id)]),
          ]),
        ),
    )
    .returning('name')
    .executeTakeFirst()
  return taken !== undefined
}

/** Gives the names back that a machine has, or this one of them. */
export async function giveBack(trx: Transaction<Tables>, machine: string, until: Date, name?: string): Promise<void> {
  const query = trx.updateTable('claimed_name').set({ until }).where('machine_id', '=', machine)
  await (name === undefined ? query : query.where('name', '=', name)).where('until', 'is', null).execute()
}
