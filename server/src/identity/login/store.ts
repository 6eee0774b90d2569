// The rows of logins: each is one OAuth client of one account, from its first token to its end.

import { type Selectable, sql, type Transaction } from 'kysely'
import { record } from '../../audit/record.ts'
import { newId } from '../../db/new-id.ts'
import type { From } from '../../http/from.ts'
import type { CredentialEnded } from '../revocation.ts'
import type { IdentityDb, IdentityDbTables, IdentityTables } from '../tables.ts'

export type LoginRow = Selectable<IdentityTables['login']>

/** The login of a client for an account that was not ended; undefined when there is none. */
export async function aliveLogin(db: IdentityDb, account: string, client: string): Promise<string | undefined> {
  const row = await db
    .selectFrom('login')
    .select('id')
    .where('account_id', '=', account)
    .where('client_id', '=', client)
    .where('revoked_at', 'is', null)
    .executeTakeFirst()
  return row?.id
}

interface NewLogin {
  account: string
  client: string
  name: string
  origin: From | null
  now: number
}

/** Makes the login of a client for an account, or answers the one that is alive. */
export async function keepLogin(db: IdentityDb, made: NewLogin): Promise<string> {
  const id = await db.transaction().execute(tx => addLogin(tx, made))
  return (await aliveLogin(db, made.account, made.client)) ?? id
}

/** Makes it in the caller's transaction, unless there is one; answers the id that it would have. */
export async function addLogin(tx: Transaction<IdentityDbTables>, made: NewLogin): Promise<string> {
  const id = newId('login')
  const by = { actor: `account:${made.account}`, account: made.account, origin: made.origin, reason: made.name }
  const inserted = await tx
    .insertInto('login')
    .values({
      id,
      account_id: made.account,
      client_id: made.client,
      name: made.name,
      created_at: new Date(made.now),
      last_used_at: null,
      revoked_at: null,
    })
    .onConflict(conflict => conflict.columns(['account_id', 'client_id']).where('revoked_at', 'is', null).doNothing())
    .executeTakeFirst()
  if (inserted.numInsertedOrUpdatedRows) await record(tx, { ...by, action: 'login.create', resource: id }, made.now)
  return id
}

/** Of these logins those that were not ended. */
export async function standingLogins(db: IdentityDb, ids: readonly string[]): Promise<string[]> {
  const query = db.selectFrom('login').select('id').where('id', '=', sql<string>`ANY(${ids})`)
  return (await query.where('revoked_at', 'is', null).execute()).map(({ id }) => id)
}

/** Whether a login was not ended. Notes its use, to the minute: a write for every request would be many. */
export async function useLogin(db: IdentityDb, id: string, now: number): Promise<boolean> {
  const row = await db
    .selectFrom('login')
    .select(['revoked_at', 'last_used_at'])
    .where('id', '=', id)
    .executeTakeFirst()
  if (!row || row.revoked_at) return false
  if (now - (row.last_used_at?.getTime() ?? 0) > 60_000)
    await db
      .updateTable('login')
      .set({ last_used_at: new Date(now) })
      .where('id', '=', id)
      .execute()
  return true
}

/** The logins of an account that stand, newest first. */
export function aliveLogins(db: IdentityDb, account: string): Promise<LoginRow[]> {
  return db
    .selectFrom('login')
    .selectAll()
    .where('account_id', '=', account)
    .where('revoked_at', 'is', null)
    .orderBy('created_at', 'desc')
    .orderBy('id')
    .execute()
}

export interface Ending {
  account: string
  id: string
  /** Who ends it and why, for the audit. */
  actor: string
  reason: string | null
  /** Where it was asked for; null: nobody did. */
  origin: From | null
  now: number
  ended: CredentialEnded
}

/** Ends a login and takes its refresh tokens away, in the caller's transaction. False when it does not stand. */
export async function endLogin(
  tx: Transaction<IdentityDbTables>,
  { account, id, now, ended: told, ...why }: Ending,
): Promise<boolean> {
  const ended = await tx
    .updateTable('login')
    .set({ revoked_at: new Date(now) })
    .where('id', '=', id)
    .where('account_id', '=', account)
    .where('revoked_at', 'is', null)
    .returning('client_id')
    .executeTakeFirst()
  if (!ended) return false
  for (const table of ['auth_oauth_access_token', 'auth_oauth_refresh_token'] as const)
    await tx.deleteFrom(table).where('clientId', '=', ended.client_id).where('userId', '=', account).execute()
  await told(tx, { credential: id, account, now })
  await record(tx, { ...why, action: 'login.revoke', resource: id, account }, now)
  return true
}
