import type { Ledger, Within } from './ports.ts'
import { unlessRefused } from './refusal.ts'
import { checked, type HoldRequest, holdRequest } from './shape.ts'
import { sendHold } from './store.ts'

export interface Held {
  /** The id of the hold. */
  hold: string
  /** At this very moment it is over. */
  expiresAt: Date
}

/**
 * Sets money of a customer aside: nothing else can spend it until the hold is captured (`post`), released or over. A hold that
 * was made stands, also when a dispute takes the account below its floor meanwhile.
 * @throws SpoqError `credit_short`, `idempotency_mismatch`, `invalid_request`, `unavailable`
 */
export async function hold({ db, now }: Ledger, request: HoldRequest, within?: Within): Promise<Held> {
  const { amount, ...rest } = checked(holdRequest, request)
  const answer = unlessRefused(await sendHold(within ?? db, { ...rest, amount: String(amount) }, now()))
  return { hold: answer.hold, expiresAt: new Date(answer.expiresAt) }
}
