import { SpoqError } from '@spoq/contracts/problem'
import type { From } from '../../http/from.ts'
import type { IdentityDb } from '../tables.ts'
import { deleteTrust } from './store.ts'

/**
 * Removes a trust of an account.
 * @throws SpoqError `trust_not_found`, also for another account's.
 */
export async function remove(
  db: IdentityDb,
  asked: { account: string; id: string; origin: From; now: number },
): Promise<undefined> {
  if (!(await db.transaction().execute(tx => deleteTrust(tx, asked)))) throw new SpoqError('trust_not_found')
}
