import { SpoqError } from '@spoq/contracts/problem'
import type { Ledger, Within } from './ports.ts'
import { wholeId } from './shape.ts'
import { sendRelease } from './store.ts'

/**
 * Gives back what a hold has set aside. One that was released or is over stays as it is.
 * @throws SpoqError `hold_ended` when it was captured, `not_found`, `unavailable`
 */
export async function release({ db, now }: Ledger, hold: string, within?: Within): Promise<'released' | 'expired'> {
  const how = await sendRelease(within ?? db, wholeId(hold), now())
  if (how === 'captured') throw new SpoqError('hold_ended', { message: 'What was held has been spent.' })
  if (how === 'released' || how === 'expired') return how
  throw new SpoqError('not_found', { message: 'There is no such hold in the ledger.' })
}
