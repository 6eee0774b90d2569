import { SpoqError } from '@spoq/contracts/problem'
import type { IdentityDb } from '../tables.ts'
import { type Ending, endLogin } from './store.ts'

/**
 * Ends a login of an account: its refresh tokens go, and its access tokens are refused here from now on.
 * @throws SpoqError `login_not_found`, also for another account's.
 */
export async function revoke(
  db: IdentityDb,
  { account, ...ending }: Pick<Ending, 'account' | 'id' | 'origin' | 'now' | 'ended'>,
): Promise<undefined> {
  const ended = await db
    .transaction()
    .execute(tx => endLogin(tx, { account, ...ending, actor: `account:${account}`, reason: null }))
  if (!ended) throw new SpoqError('login_not_found')
}
