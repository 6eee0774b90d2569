// Logins that ended while access tokens of theirs may still be about. Machines check signatures alone, so they are told.

import type { Transaction } from 'kysely'
import type { IdentityDb, IdentityDbTables } from '../tables.ts'

export interface Revocation {
  login: string
  account: string
  /** No token of the login lives longer. */
  until: Date
}

/** Called in the transaction in which a login ends: whoever pushes to machines reads these rows. */
export async function onLoginRevoked(tx: Transaction<IdentityDbTables>, revoked: Revocation): Promise<void> {
  await tx
    .insertInto('revocation')
    .values(revoked)
    .onConflict(conflict => conflict.column('login').doNothing())
    .execute()
}

/** The logins of an account whose tokens are to be refused. */
export function revocationsOf(db: IdentityDb, account: string, now: number): Promise<Revocation[]> {
  return db
    .selectFrom('revocation')
    .selectAll()
    .where('account', '=', account)
    .where('until', '>', new Date(now))
    .orderBy('until')
    .execute()
}
