import { sealedUnder, seal as sealText } from '@spoq/kit/sealed-file'
import type { Transaction } from 'kysely'
import { newId } from '../db/new-id.ts'
import type { Tables } from '../db/tables.ts'
import { bindingOf, type SecretDeps, type SecretPlace } from './secret.ts'
import { insertSecret, KeyForgotten, useVersion } from './store.ts'

const mostTries = 3

/**
 * Seals a text and keeps it, in one transaction with `alongside`, which writes the secret's id where it is referred to.
 * @throws SpoqError `unavailable` when the key service does not answer: then nothing was written.
 */
export async function seal<T>(
  deps: SecretDeps,
  { text, ...place }: SecretPlace & { text: string },
  alongside: (tx: Transaction<Tables>, id: string) => Promise<T>,
): Promise<T> {
  for (let tries = 1; ; tries++)
    try {
      return await sealOnce(deps, place, text, alongside)
    } catch (error) {
      if (!(error instanceof KeyForgotten) || tries === mostTries) throw error
    }
}

/** The key service is asked before the transaction: no row and no connection waits for it. */
async function sealOnce<T>(
  { db, keys, now }: SecretDeps,
  place: SecretPlace,
  text: string,
  alongside: (tx: Transaction<Tables>, id: string) => Promise<T>,
): Promise<T> {
  const id = newId('secret')
  const sealed = await sealText(Buffer.from(text), bindingOf(id, place), keys)
  const { account: account_id, kind, name } = place
  const row = { id, account_id, kind, name, sealed, key_version: sealedUnder(sealed), created_at: new Date(now()) }
  return db.transaction().execute(async tx => {
    await useVersion(tx, row.key_version)
    await insertSecret(tx, row)
    return alongside(tx, id)
  })
}
