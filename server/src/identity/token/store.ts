// The rows of personal access tokens.

import type { TokenScope } from '@spoq/contracts/token'
import type { Selectable, Transaction } from 'kysely'
import { record } from '../../audit/record.ts'
import type { From } from '../../http/from.ts'
import type { CredentialEnded } from '../revocation.ts'
import type { IdentityDb, IdentityDbTables, IdentityTables } from '../tables.ts'

export type TokenRow = Selectable<IdentityTables['access_token']>

export interface NewToken {
  id: string
  account: string
  name: string
  scopes: TokenScope[]
  machine: string | null
  hash: string
  now: number
  expiresAt: number
}

export function insertToken(tx: Transaction<IdentityDbTables>, made: NewToken): Promise<TokenRow> {
  return tx
    .insertInto('access_token')
    .values({
      id: made.id,
      account_id: made.account,
      name: made.name,
      scopes: JSON.stringify(made.scopes),
      machine_id: made.machine,
      hash: made.hash,
      created_at: new Date(made.now),
      expires_at: new Date(made.expiresAt),
      last_used_at: null,
      last_used_from: null,
      revoked_at: null,
    })
    .returningAll()
    .executeTakeFirstOrThrow()
}

/** The tokens of an account that can be used, newest first. */
export function usableTokens(db: IdentityDb, account: string, now: number): Promise<TokenRow[]> {
  return db
    .selectFrom('access_token')
    .selectAll()
    .where('account_id', '=', account)
    .where('revoked_at', 'is', null)
    .where('expires_at', '>', new Date(now))
    .orderBy('created_at', 'desc')
    .orderBy('id')
    .execute()
}

export function findByHash(db: IdentityDb, hash: string): Promise<TokenRow | undefined> {
  return db.selectFrom('access_token').selectAll().where('hash', '=', hash).executeTakeFirst()
}

/** Notes a use, to the minute: a write for every request would be many. */
export async function noteUse(db: IdentityDb, row: TokenRow, from: string, now: number): Promise<void> {
  if (row.last_used_from === from && now - (row.last_used_at?.getTime() ?? 0) <= 60_000) return
  await db
    .updateTable('access_token')
    .set({ last_used_at: new Date(now), last_used_from: from })
    .where('id', '=', row.id)
    .execute()
}

export interface Ending {
  account: string
  id: string
  origin: From | null
  reason?: string
  now: number
  ended: CredentialEnded
}

/** Ends a token, in the caller's transaction. False when it does not stand. */
export async function endToken(
  tx: Transaction<IdentityDbTables>,
  { account, id, now, ended: told, ...why }: Ending,
): Promise<boolean> {
  const ended = await tx
    .updateTable('access_token')
    .set({ revoked_at: new Date(now) })
    .where('id', '=', id)
    .where('account_id', '=', account)
    .where('revoked_at', 'is', null)
    .returning('id')
    .executeTakeFirst()
  if (!ended) return false
  await told(tx, { credential: id, account, now })
  await record(tx, { actor: `account:${account}`, action: 'token.revoke', resource: id, account, ...why }, now)
  return true
}
