// The SQL of secrets. Nothing here sees one in the clear.

import type { Kysely, Transaction } from 'kysely'
import type { SecretRow, Tables } from '../db/tables.ts'

/** A key-encryption key that was forgotten while a secret was being sealed under it: it has to be sealed again. */
export class KeyForgotten extends Error {
  override readonly name = 'KeyForgotten'
}

/**
 * Notes that a secret of this transaction needs a version of a key; until it ends nobody forgets that.
 * @throws KeyForgotten
 */
export async function useVersion(tx: Transaction<Tables>, version: string): Promise<void> {
  await noteVersion(tx, version)
  const key = tx.selectFrom('secret_key').select('forgotten_at').where('version', '=', version)
  if ((await key.forShare().executeTakeFirstOrThrow()).forgotten_at) throw new KeyForgotten(version)
}

/** Marks a version as never to be used again, unless a secret needs it. Answers whether it is forgotten. */
export async function forgetVersion(tx: Transaction<Tables>, version: string, now: number): Promise<boolean> {
  await noteVersion(tx, version)
  // Whoever seals under it now comes before or after, never in between.
  await tx.selectFrom('secret_key').select('version').where('version', '=', version).forUpdate().execute()
  const user = await tx.selectFrom('secret').select('id').where('key_version', '=', version).limit(1).executeTakeFirst()
  if (user) return false
  await tx
    .updateTable('secret_key')
    .set({ forgotten_at: new Date(now) })
    .where('version', '=', version)
    .execute()
  return true
}

async function noteVersion(tx: Transaction<Tables>, version: string): Promise<void> {
  const inserting = tx.insertInto('secret_key').values({ version, forgotten_at: null })
  await inserting.onConflict(conflict => conflict.doNothing()).execute()
}

/** False when there is one of this id. */
export async function insertSecret(tx: Transaction<Tables>, row: SecretRow): Promise<boolean> {
  const inserting = tx.insertInto('secret').values(row)
  const { numInsertedOrUpdatedRows } = await inserting
    .onConflict(conflict => conflict.doNothing())
    .executeTakeFirstOrThrow()
  return (numInsertedOrUpdatedRows ?? 0n) > 0n
}

export function findSecret(db: Kysely<Tables>, id: string): Promise<SecretRow | undefined> {
  return db.selectFrom('secret').selectAll().where('id', '=', id).executeTakeFirst()
}

/** Secrets that need another version than this one, by id after `after`. */
export function listNotUnder(db: Kysely<Tables>, version: string, after: string, limit: number): Promise<SecretRow[]> {
  const rows = db.selectFrom('secret').selectAll().where('key_version', '<>', version).where('id', '>', after)
  return rows.orderBy('id').limit(limit).execute()
}

/** Puts what was wrapped anew in the place of what was read, unless that has changed or gone meanwhile. */
export async function replaceSealed(
  tx: Transaction<Tables>,
  { id, sealed: before }: SecretRow,
  { sealed, version }: { sealed: string; version: string },
): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('secret')
    .set({ sealed, key_version: version })
    .where('id', '=', id)
    .where('sealed', '=', before)
    .executeTakeFirst()
  return numUpdatedRows > 0n
}
