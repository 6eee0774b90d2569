// What machine tokens come of (a login, a personal access token, a trust) and was ended while such tokens may still be
// about. Machines check signatures alone, so they are told.

import { sql, type Transaction } from 'kysely'
import type { IdentityDb, IdentityDbTables } from './tables.ts'

export interface Revocation {
  /** The id of the login, the token or the trust. */
  credential: string
  account: string
  /** No machine token that came of it lives longer. */
  until: Date
}

/** Called in the transaction in which a login, a token or a trust ends. */
export type CredentialEnded = (
  tx: Transaction<IdentityDbTables>,
  ended: { credential: string; account: string; now: number },
) => Promise<void>

/** Writes that one ended, and has the machines of its account told once that is committed. */
export function credentialEnded(
  accessTokenSeconds: number,
  accessChanged: (tx: Transaction<IdentityDbTables>, account: string) => Promise<void>,
): CredentialEnded {
  return async (tx, { credential, account, now }) => {
    const revoked: Revocation = { credential, account, until: new Date(now + accessTokenSeconds * 1_000) }
    await tx
      .insertInto('revocation')
      .values(revoked)
      .onConflict(conflict => conflict.column('credential').doNothing())
      .execute()
    await accessChanged(tx, account)
  }
}

/** What of these accounts ended whose tokens are to be refused. */
export function revocationsOf(db: IdentityDb, accounts: readonly string[], now: number): Promise<Revocation[]> {
  return db
    .selectFrom('revocation')
    .selectAll()
    .where('account', '=', sql<string>`ANY(${accounts})`)
    .where('until', '>', new Date(now))
    .orderBy('until')
    .execute()
}
