import type { Transaction } from 'kysely'
import type { From } from '../../http/from.ts'
import { unlinkAll } from '../social/ways.ts'
import type { IdentityDbTables } from '../tables.ts'
import { endToken, usableTokens } from '../token/store.ts'
import { deleteTrust, trustsOf } from '../trust/store.ts'

/**
 * Ends what leads into an account for long: connected services, tokens, trusts. Whoever signed up with an address before
 * its owner may have left one of each.
 */
export async function endWays(
  tx: Transaction<IdentityDbTables>,
  { account, origin, now, reason }: { account: string; origin: From; now: number; reason: string },
): Promise<void> {
  await unlinkAll(tx, account)
  for (const { id } of await usableTokens(tx, account, now)) await endToken(tx, { account, id, origin, now, reason })
  for (const { id } of await trustsOf(tx, account)) await deleteTrust(tx, { account, id, origin, now })
}
