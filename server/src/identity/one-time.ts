// Secrets that are sent by mail and work once: a six-digit code, a link. Of each kind an account has one; a new one ends the
// old. Kept as an HMAC under the backend's secret: a copy of the tables alone, tried out, gives no code away.

import { createHmac, timingSafeEqual } from 'node:crypto'
import { SpoqError } from '@spoq/contracts/problem'
import type { Transaction } from 'kysely'
import type { IdentityDb, IdentityDbTables } from './tables.ts'

export type OneTimeKind = 'verify' | 'reset'

const mostTries = 5

interface OneTime {
  kind: OneTimeKind
  account: string
  /** What the person gets. */
  value: string
}

/** Keeps a new one, in the transaction that writes its mail. */
export async function putOneTime(
  tx: Transaction<IdentityDbTables>,
  secret: string,
  { kind, account, value }: OneTime,
  expiresAt: Date,
): Promise<void> {
  const row = { hash: hashOf(secret, kind, value), tries: 0, expires_at: expiresAt }
  await tx
    .insertInto('one_time')
    .values({ kind, account_id: account, ...row })
    .onConflict(conflict => conflict.columns(['kind', 'account_id']).doUpdateSet(row))
    .execute()
}

/**
 * Checks a code of an account. The try is counted before it is looked at, so that parallel guesses are counted too.
 * @throws SpoqError `code_wrong`, `code_expired` also when there is none, or it had its tries.
 */
export async function checkCode(
  db: IdentityDb,
  secret: string,
  { kind, account, value }: OneTime,
  now: number,
): Promise<void> {
  const row = await db
    .updateTable('one_time')
    .set(({ eb }) => ({ tries: eb('tries', '+', 1) }))
    .where('kind', '=', kind)
    .where('account_id', '=', account)
    .where('tries', '<', mostTries)
    .where('expires_at', '>', new Date(now))
    .returning(['hash', 'tries'])
    .executeTakeFirst()
  if (!row) throw codeExpired()
  if (isSame(row.hash, hashOf(secret, kind, value))) return
  const left = mostTries - row.tries
  throw new SpoqError('code_wrong', {
    next: left > 0 ? `Check it; ${left} tries are left.` : 'It had its tries: ask for a new one.',
  })
}

/** Whose link it is, as long as it works; it stays as it is. */
export async function findLink(
  db: IdentityDb,
  secret: string,
  { kind, value }: Omit<OneTime, 'account'>,
  now: number,
): Promise<string | undefined> {
  const row = await db
    .selectFrom('one_time')
    .select('account_id')
    .where('hash', '=', hashOf(secret, kind, value))
    .where('kind', '=', kind)
    .where('expires_at', '>', new Date(now))
    .executeTakeFirst()
  return row?.account_id
}

/**
 * Uses it up, in the transaction of what it was for.
 * @throws SpoqError `code_expired` when another was faster, or it was replaced.
 */
export async function useUp(
  tx: Transaction<IdentityDbTables>,
  secret: string,
  { kind, account, value }: OneTime,
  now: number,
): Promise<void> {
  const used = await tx
    .deleteFrom('one_time')
    .where('kind', '=', kind)
    .where('account_id', '=', account)
    .where('hash', '=', hashOf(secret, kind, value))
    .where('expires_at', '>', new Date(now))
    .returning('account_id')
    .executeTakeFirst()
  if (!used) throw codeExpired()
}

export const codeExpired = () =>
  new SpoqError('code_expired', { message: 'This has expired or was used.', next: 'Ask for a new one.' })

/** A link is found by it, so the account is not in it: its value is long enough alone. */
function hashOf(secret: string, kind: OneTimeKind, value: string): string {
  return createHmac('sha256', secret).update(`${kind}\0${value}`).digest('base64url')
}

const isSame = (a: string, b: string) => a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b))
