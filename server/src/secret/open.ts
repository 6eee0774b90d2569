import { unseal } from '@spoq/kit/sealed-file'
import { bindingOf, type SecretDeps, type SecretPlace } from './secret.ts'
import { findSecret } from './store.ts'

/**
 * The text of a secret; null when there is none of this id.
 * @throws SealBroken when it is not the one of this place, or damaged; SpoqError `unavailable` when the key service does not
 * answer.
 */
export async function open(
  { db, keys }: Pick<SecretDeps, 'db' | 'keys'>,
  id: string,
  place: SecretPlace,
): Promise<string | null> {
  const row = await findSecret(db, id)
  return row ? (await unseal(row.sealed, bindingOf(id, place), keys)).toString('utf8') : null
}
