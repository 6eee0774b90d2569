// What a person looks at: payments that are not just what was ordered.

import type { Review, TopUp } from '@spoq/contracts/credit'
import { SpoqError } from '@spoq/contracts/problem'
import type { Transaction } from 'kysely'
import { type Asker, askedBy } from '../audit/asked-by.ts'
import { record } from '../audit/record.ts'
import type { Tables, TopUpRow } from '../db/tables.ts'
import { post } from '../ledger/post.ts'
import { customer } from '../ledger/shape.ts'
import { microsOf } from './amount.ts'
import { receiptFor, refusedFor } from './letter.ts'
import type { CreditPorts } from './ports.ts'
import { toTopUp } from './shape.ts'
import { changeTopUp, findTopUp, listReviewed, lockTopUp } from './store.ts'

/** Those that wait for a person, the oldest first. */
export async function listReviews({ db, emailOf }: Pick<CreditPorts, 'db' | 'emailOf'>): Promise<Review[]> {
  const rows = await listReviewed(db)
  return Promise.all(
    rows.map(async ({ id, account_id, cents, method, chain, coins, note, reference, updated_at }) => ({
      ...{ id, account: account_id, email: await emailOf(account_id), cents, method, chain, coins, note, reference },
      since: updated_at.toISOString(),
    })),
  )
}

export interface Decision {
  topUp: string
  /** So much of it becomes credit; null: nothing does. */
  cents: number | null
  /** It stands in the audit log, and the owner is told it. */
  reason: string
}

/**
 * Ends a review. The same decision again changes nothing.
 * @throws SpoqError `top_up_not_found`; `top_up_settled` when it does not wait for a person, or was decided in another way.
 */
export async function settleReview(ports: CreditPorts, asker: Asker, decision: Decision): Promise<TopUp> {
  const found = await findTopUp(ports.db, decision.topUp)
  if (!found) throw new SpoqError('top_up_not_found')
  const to = await ports.emailOf(found.account_id)
  const row = await ports.db.transaction().execute(trx => settleIn(ports, trx, asker, decision, to))
  ports.mail.wake()
  ports.wake()
  return toTopUp(row)
}

async function settleIn(
  ports: CreditPorts,
  trx: Transaction<Tables>,
  asker: Asker,
  { topUp, cents, reason }: Decision,
  to: string | null,
): Promise<TopUpRow> {
  const now = ports.now()
  const before = await lockTopUp(trx, topUp)
  if (before.settled_at && before.credited_cents === cents) return before
  if (before.state !== 'review')
    throw new SpoqError('top_up_settled', { message: `${topUp} is ${before.state}: nobody has to decide about it.` })
  const state = cents === null ? 'failed' : 'paid'
  const settled = { state, credited_cents: cents, settled_at: new Date(now), next_at: null } as const
  const after = await changeTopUp(trx, topUp, settled, now)
  if (cents !== null) await credit(ports, trx, after, cents)
  const said = { action: 'credit.settle', resource: topUp, account: after.account_id, from: before.state }
  const decided = cents === null ? 'refused' : `${cents} cents`
  await record(trx, { ...askedBy(asker), ...said, to: decided, reason }, now)
  const letter =
    to && (await (cents === null ? refusedFor(to, after, reason) : receiptFor(to, { ...after, cents }, now)))
  if (letter) await ports.mail.put(trx as never, letter, 3 * 86_400)
  return after
}

/** By the key that the payment itself would have had: it is credit once, whoever says so. */
async function credit({ ledger }: CreditPorts, trx: Transaction<Tables>, row: TopUpRow, cents: number): Promise<void> {
  const amount = microsOf(cents)
  const lines = [
    { account: customer(row.account_id), amount },
    { account: row.method, amount: -amount },
  ]
  await post(ledger, { key: `top-up:${row.id}`, kind: 'top_up', lines }, trx)
}
