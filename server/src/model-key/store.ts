// The SQL of an account's keys for models. The keys themselves are secrets.

import type { AccountModelKey, AccountVendor } from '@spoq/contracts/model-key'
import { type Kysely, sql, type Transaction } from 'kysely'
import type { ModelKeyRow, Tables } from '../db/tables.ts'

/** A key as it is shown. */
export const toModelKey = (row: ModelKeyRow): AccountModelKey => ({
  vendor: row.vendor,
  masked: row.masked,
  url: row.url,
  version: row.version,
  setAt: row.set_at.toISOString(),
  checkedAt: row.checked_at?.toISOString() ?? null,
})

/** The keys of these accounts, by vendor. */
export function listModelKeys(db: Kysely<Tables>, accounts: readonly string[]): Promise<ModelKeyRow[]> {
  const rows = db.selectFrom('model_key').selectAll().where('account_id', '=', sql<string>`ANY(${accounts})`)
  return rows.orderBy('account_id').orderBy('vendor').execute()
}

/** Puts a key, in the place of the one that was there. */
export function putModelKey(tx: Transaction<Tables>, row: Omit<ModelKeyRow, 'version'>): Promise<ModelKeyRow> {
  const { account_id: _, vendor: __, ...change } = row
  return tx
    .insertInto('model_key')
    .values({ ...row, version: 1 })
    .onConflict(conflict =>
      conflict.columns(['account_id', 'vendor']).doUpdateSet({ ...change, version: sql`model_key.version + 1` }),
    )
    .returningAll()
    .executeTakeFirstOrThrow()
}

/** False when there was none. */
export async function deleteModelKey(
  tx: Transaction<Tables>,
  account: string,
  vendor: AccountVendor,
): Promise<boolean> {
  const { numDeletedRows } = await tx
    .deleteFrom('model_key')
    .where('account_id', '=', account)
    .where('vendor', '=', vendor)
    .executeTakeFirst()
  return numDeletedRows > 0n
}
