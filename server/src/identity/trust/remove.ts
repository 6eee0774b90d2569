import { SpoqError } from '@spoq/contracts/problem'
import type { IdentityDb } from '../tables.ts'
import { deleteTrust, type Removing } from './store.ts'

/**
 * Removes a trust of an account: no job gets a token by it any more, and machines refuse those that are about.
 * @throws SpoqError `trust_not_found`, also for another account's.
 */
export async function remove(db: IdentityDb, asked: Removing): Promise<undefined> {
  if (!(await db.transaction().execute(tx => deleteTrust(tx, asked)))) throw new SpoqError('trust_not_found')
}
