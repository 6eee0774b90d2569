import { SpoqError } from '@spoq/contracts/problem'
import type { IdentityDb } from '../tables.ts'
import { endLogin } from './store.ts'

/**
 * Ends a login of an account: its refresh tokens go, and its access tokens are refused here from now on.
 * @throws SpoqError `login_not_found`, also for another account's.
 */
export async function revoke(
  db: IdentityDb,
  { account, id, requestId, now }: { account: string; id: string; requestId: string; now: number },
): Promise<undefined> {
  const ended = await db
    .transaction()
    .execute(tx => endLogin(tx, { account, id, actor: `account:${account}`, reason: null, requestId, now }))
  if (!ended) throw new SpoqError('login_not_found')
}
