// The SQL of profiles. Nothing here decides anything. Those of a machine that is over are not there.

import { type Kysely, sql, type Transaction } from 'kysely'
import type { Tables } from '../db/tables.ts'
import type { ProfileRow } from './ports.ts'

/** With what its machine is called. */
export type NamedProfile = ProfileRow & { machine_name: string }

const named = (db: Kysely<Tables>) =>
  db
    .selectFrom('profile')
    .innerJoin('machine', 'machine.id', 'profile.machine_id')
    .where('machine.state', 'not in', ['terminating', 'terminated'])
    .selectAll('profile')
    .select('machine.name as machine_name')

/** An account's, by machine, the default one first. */
export async function listProfiles(db: Kysely<Tables>, account: string): Promise<NamedProfile[]> {
  const query = named(db).where('profile.account_id', '=', account).orderBy('machine.created_at').orderBy('machine.id')
  return query.orderBy('is_default', 'desc').orderBy('profile.name').execute()
}

/** The profile of an account; another's is not there. */
export async function findProfile(db: Kysely<Tables>, account: string, id: string): Promise<NamedProfile | undefined> {
  return named(db).where('profile.id', '=', id).where('profile.account_id', '=', account).executeTakeFirst()
}

/** The profile of a machine by its name; '' is its default one. */
export async function findByName(db: Kysely<Tables>, machine: string, name: string): Promise<NamedProfile | undefined> {
  const query = named(db).where('profile.machine_id', '=', machine)
  return (
    name === '' ? query.where('profile.is_default', '=', true) : query.where('profile.name', '=', name)
  ).executeTakeFirst()
}

/** Of these profiles those that are there. */
export async function listThere(db: Kysely<Tables>, ids: readonly string[]): Promise<string[]> {
  return (await named(db).where('profile.id', '=', sql<string>`ANY(${ids})`).execute()).map(({ id }) => id)
}

export async function countProfiles(db: Kysely<Tables>, machine: string): Promise<number> {
  const { count } = await db
    .selectFrom('profile')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('machine_id', '=', machine)
    .executeTakeFirstOrThrow()
  return Number(count)
}

/** False when the machine has one of that name. */
export async function insertProfile(trx: Transaction<Tables>, row: ProfileRow): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await trx
    .insertInto('profile')
    .values(row)
    .onConflict(on => on.doNothing())
    .executeTakeFirst()
  return (numInsertedOrUpdatedRows ?? 0n) > 0n
}

export async function changeProfile(
  trx: Transaction<Tables>,
  id: string,
  change: { may_forward: boolean; may_tty: boolean },
): Promise<void> {
  await trx.updateTable('profile').set(change).where('id', '=', id).execute()
}

export async function deleteProfile(trx: Transaction<Tables>, id: string): Promise<void> {
  await trx.deleteFrom('profile').where('id', '=', id).execute()
}
