import { SpoqError } from '@spoq/contracts/problem'
import type { IdentityDb } from '../tables.ts'
import { type Ending, endToken } from './store.ts'

/**
 * Ends a token of an account: it is refused here from now on, and what came of it on machines within seconds.
 * @throws SpoqError `token_not_found`, also for another account's.
 */
export async function revoke(db: IdentityDb, ending: Ending): Promise<undefined> {
  if (!(await db.transaction().execute(tx => endToken(tx, ending)))) throw new SpoqError('token_not_found')
}
