import { SpoqError } from '@spoq/contracts/problem'
import type { AccessToken } from '../access-token.ts'
import type { IdentityDb } from '../tables.ts'
import { hashOf, isWhole } from './secret.ts'
import { findByHash, noteUse } from './store.ts'

/**
 * What stands behind the secret of a personal access token; notes that it was used, and from where.
 * @throws SpoqError `token_invalid`, `token_expired`.
 */
export async function checkSecret(
  db: IdentityDb,
  secret: string,
  { from, now }: { from: string; now: number },
): Promise<AccessToken> {
  if (!isWhole(secret)) throw refused('This is no whole access token: a part is missing or was changed.')
  const row = await findByHash(db, hashOf(secret))
  if (!row) throw refused('There is no such access token here.')
  if (row.revoked_at) throw refused(`The access token ${row.name} was revoked.`)
  const expiresAt = row.expires_at.getTime()
  if (expiresAt <= now)
    throw new SpoqError('token_expired', { message: `The access token ${row.name} has expired.`, next: makeOne })
  await noteUse(db, row, from, now)
  return {
    account: row.account_id,
    client: null,
    login: null,
    scopes: row.scopes,
    expiresAt,
    limited: { kind: 'token', id: row.id, name: row.name, machine: row.machine_id },
  }
}

const makeOne = 'Make a new one: spoq token create.'
const refused = (message: string) => new SpoqError('token_invalid', { message, next: makeOne })
