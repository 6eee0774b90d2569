// The rows of trusts, and of the jobs' tokens that were used.

import type { TokenScope } from '@spoq/contracts/token'
import type { Trust } from '@spoq/contracts/trust'
import type { Selectable, Transaction } from 'kysely'
import { record } from '../../audit/record.ts'
import type { From } from '../../http/from.ts'
import type { LimitedToken } from '../access-token.ts'
import type { CredentialEnded } from '../revocation.ts'
import type { IdentityDb, IdentityDbTables, IdentityTables } from '../tables.ts'

export type TrustRow = Selectable<IdentityTables['trust']>

export interface NewTrust {
  id: string
  account: string
  repositoryId: string
  ref: string
  scopes: TokenScope[]
  machine: string | null
  now: number
}

/** A trust as others see it. */
export const toTrust = (row: TrustRow): Trust => ({
  id: row.id,
  repositoryId: row.repository_id,
  ref: row.ref,
  scopes: row.scopes,
  machine: row.machine_id,
  createdAt: row.created_at.toISOString(),
  lastUsedAt: row.last_used_at?.toISOString() ?? null,
})

/** What a token of a job stands on. */
export const limitedBy = (row: TrustRow): LimitedToken => ({
  kind: 'trust',
  id: row.id,
  name: `jobs of repository ${row.repository_id} on ${row.ref}`,
  machine: row.machine_id,
})

export function insertTrust(tx: Transaction<IdentityDbTables>, made: NewTrust): Promise<TrustRow> {
  return tx
    .insertInto('trust')
    .values({
      id: made.id,
      account_id: made.account,
      repository_id: made.repositoryId,
      ref: made.ref,
      scopes: JSON.stringify(made.scopes),
      machine_id: made.machine,
      created_at: new Date(made.now),
      last_used_at: null,
    })
    .returningAll()
    .executeTakeFirstOrThrow()
}

/** The trusts of an account, newest first. */
export function trustsOf(db: IdentityDb, account: string): Promise<TrustRow[]> {
  return db
    .selectFrom('trust')
    .selectAll()
    .where('account_id', '=', account)
    .orderBy('created_at', 'desc')
    .orderBy('id')
    .execute()
}

export async function findTrust(db: IdentityDb, id: string): Promise<LimitedToken | undefined> {
  const row = await db.selectFrom('trust').selectAll().where('id', '=', id).executeTakeFirst()
  return row && limitedBy(row)
}

/** The trusts of whatever account that a job fits; with an id that one alone. */
export function trustsFor(
  db: IdentityDb,
  { repositoryId, ref, trust }: { repositoryId: string; ref: string; trust: string | undefined },
): Promise<TrustRow[]> {
  const fitting = db.selectFrom('trust').selectAll().where('repository_id', '=', repositoryId).where('ref', '=', ref)
  return (trust === undefined ? fitting : fitting.where('id', '=', trust)).limit(2).execute()
}

/** Notes that a job's token was used, in the caller's transaction. False when it was before. */
export async function takeOnce(
  tx: Transaction<IdentityDbTables>,
  tokenHash: string,
  expiresAt: number,
): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await tx
    .insertInto('trust_use')
    .values({ token_hash: tokenHash, expires_at: new Date(expiresAt) })
    .onConflict(conflict => conflict.doNothing())
    .executeTakeFirst()
  return (numInsertedOrUpdatedRows ?? 0n) > 0n
}

/** Notes a use, with the job it came of, in the caller's transaction. */
export async function noteUse(
  tx: Transaction<IdentityDbTables>,
  row: TrustRow,
  { job, now }: { job: string; now: number },
): Promise<void> {
  await tx
    .updateTable('trust')
    .set({ last_used_at: new Date(now) })
    .where('id', '=', row.id)
    .execute()
  await record(
    tx,
    { actor: `trust:${row.id}`, credential: row.id, action: 'trust.use', resource: row.id, reason: job },
    now,
  )
}

export interface Removing {
  account: string
  id: string
  origin: From
  now: number
  ended: CredentialEnded
}

/** Removes a trust, in the caller's transaction. False when it is not there. */
export async function deleteTrust(
  tx: Transaction<IdentityDbTables>,
  { account, id, origin, now, ended }: Removing,
): Promise<boolean> {
  const { numDeletedRows } = await tx
    .deleteFrom('trust')
    .where('id', '=', id)
    .where('account_id', '=', account)
    .executeTakeFirst()
  if (numDeletedRows === 0n) return false
  await ended(tx, { credential: id, account, now })
  await record(tx, { actor: `account:${account}`, action: 'trust.remove', resource: id, account, origin }, now)
  return true
}
