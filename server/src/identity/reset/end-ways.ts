import type { Transaction } from 'kysely'
import { unlinkAll } from '../social/ways.ts'
import type { IdentityDbTables } from '../tables.ts'
import { type Ending, endToken, usableTokens } from '../token/store.ts'
import { deleteTrust, type Removing, trustsOf } from '../trust/store.ts'

/**
 * Ends what leads into an account for long: connected services, tokens, trusts. Whoever signed up with an address before
 * its owner may have left one of each.
 */
export async function endWays(tx: Transaction<IdentityDbTables>, ending: Omit<Ending & Removing, 'id'>): Promise<void> {
  const { account, now } = ending
  await unlinkAll(tx, account)
  for (const { id } of await usableTokens(tx, account, now)) await endToken(tx, { ...ending, id })
  for (const { id } of await trustsOf(tx, account)) await deleteTrust(tx, { ...ending, id })
}
