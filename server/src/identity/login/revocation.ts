// Logins that ended while access tokens of theirs may still be about. Machines check signatures alone, so they are told.

import { sql, type Transaction } from 'kysely'
import type { IdentityDb, IdentityDbTables } from '../tables.ts'

export interface Revocation {
  login: string
  account: string
  /** No token of the login lives longer. */
  until: Date
}

/** Called in the transaction in which a login ends. */
export type LoginEnded = (
  tx: Transaction<IdentityDbTables>,
  ended: { login: string; account: string; now: number },
) => Promise<void>

/** Writes that a login ended, and has the machines of its account told once that is committed. */
export function loginEnded(
  accessTokenSeconds: number,
  accessChanged: (tx: Transaction<IdentityDbTables>, account: string) => Promise<void>,
): LoginEnded {
  return async (tx, { login, account, now }) => {
    const revoked: Revocation = { login, account, until: new Date(now + accessTokenSeconds * 1_000) }
    await tx
      .insertInto('revocation')
      .values(revoked)
      .onConflict(conflict => conflict.column('login').doNothing())
      .execute()
    await accessChanged(tx, account)
  }
}

/** The logins of these accounts whose tokens are to be refused. */
export function revocationsOf(db: IdentityDb, accounts: readonly string[], now: number): Promise<Revocation[]> {
  return db
    .selectFrom('revocation')
    .selectAll()
    .where('account', '=', sql<string>`ANY(${accounts})`)
    .where('until', '>', new Date(now))
    .orderBy('until')
    .execute()
}
