import type { Transaction } from 'kysely'
import type { Tables } from '../db/tables.ts'
import type { SecretPlace } from './secret.ts'

/**
 * Removes the secrets of a place, in the caller's transaction. Rows that refer to them go first.
 * @param but the one that stays, for who has replaced it.
 */
export async function remove(
  tx: Transaction<Tables>,
  { account, kind, name }: SecretPlace,
  { but }: { but?: string } = {},
): Promise<void> {
  const all = tx
    .deleteFrom('secret')
    .where('account_id', '=', account)
    .where('kind', '=', kind)
    .where('name', '=', name)
  await (but === undefined ? all : all.where('id', '<>', but)).execute()
}
