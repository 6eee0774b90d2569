// What comes of a top-up. The money and the row are kept or lost together.

import type { Transaction } from 'kysely'
import { type NewRecord, record } from '../audit/record.ts'
import type { Tables, TopUpRow } from '../db/tables.ts'
import { post } from '../ledger/post.ts'
import { customer } from '../ledger/shape.ts'
import { microsOf } from './amount.ts'
import { receiptFor, reviewFor } from './letter.ts'
import type { CreditPorts } from './ports.ts'
import { changeTopUp, findTopUp, lockTopUp } from './store.ts'

export type Outcome = {
  /** What was paid, as refunds and disputes name it. */
  payment?: string | null
} & ({ state: 'paid'; note?: string } | { state: 'review'; note: string } | { state: 'expired' | 'failed' })

/** Brings a top-up to its outcome, once; it may be called at any time and again. */
export async function settle(ports: CreditPorts, id: string, outcome: Outcome): Promise<void> {
  const { db, emailOf, mail, wake } = ports
  const found = await findTopUp(db, id)
  const to = found ? await emailOf(found.account_id) : null
  const isChanged = await db.transaction().execute(trx => settleIn(ports, trx, { id, outcome, to, by: byItself }))
  if (!isChanged) return
  mail.wake()
  wake()
}

const cryptoLateLookMs = 3_600_000
const byItself = { actor: 'system' }

interface Settling {
  id: string
  outcome: Outcome
  /** The owner's e-mail address. */
  to: string | null
  by: Pick<NewRecord, 'actor' | 'requestId' | 'credential' | 'reason'>
}

/** The same in a transaction of the caller's, who wakes. False: it stays as it is. */
export async function settleIn(
  ports: CreditPorts,
  trx: Transaction<Tables>,
  { id, outcome, to, by }: Settling,
): Promise<boolean> {
  const now = ports.now()
  const before = await lockTopUp(trx, id)
  if (before.settled_at || !follows(before.state, outcome.state)) {
    tellOdd(ports, before, outcome)
    return false
  }
  const note = 'note' in outcome ? (outcome.note ?? null) : null
  const { state, payment = null } = outcome
  const after = await changeTopUp(
    trx,
    id,
    { state, note, payment: payment ?? before.payment, next_at: lookAgain(before, state, now) },
    now,
  )
  if (state === 'paid') await credit(ports, trx, after)
  const said = { action: 'credit.top-up', resource: id, account: after.account_id, from: before.state, to: state }
  await record(trx, { reason: note, ...by, ...said }, now)
  if (note) ports.log('error', 'credit.review', { topUp: id, note })
  const letter = to && (await letterFor(to, after, now))
  if (letter) await ports.mail.put(trx as never, letter, 3 * 86_400)
  return true
}

/** Coins may come late, and nobody tells of them. */
const lookAgain = ({ method, reference }: TopUpRow, state: TopUpRow['state'], now: number) =>
  state === 'expired' && method === 'crypto' && reference !== null ? new Date(now + cryptoLateLookMs) : null

/** What was paid late is paid all the same; what a person looks at, or has decided, is theirs, and what is paid stays so. */
const follows = (from: TopUpRow['state'], to: TopUpRow['state']) =>
  from === 'waiting' || ((from === 'expired' || from === 'failed') && (to === 'paid' || to === 'review'))

/** Somebody paid twice for one top-up: that is for a person. */
function tellOdd({ log }: CreditPorts, { id, state, payment }: TopUpRow, outcome: Outcome): void {
  if (state !== 'paid' || !outcome.payment || outcome.payment === payment) return
  log('error', 'credit.twice', { topUp: id, payment: outcome.payment })
}

async function credit({ ledger }: CreditPorts, trx: Transaction<Tables>, row: TopUpRow): Promise<void> {
  const amount = microsOf(row.cents)
  const lines = [
    { account: customer(row.account_id), amount },
    { account: row.method, amount: -amount },
  ]
  const kind = row.method === 'manual' ? 'manual' : 'top_up'
  await post(ledger, { key: `top-up:${row.id}`, kind, lines }, trx)
}

async function letterFor(to: string, row: TopUpRow, now: number) {
  if (row.state === 'paid') return receiptFor(to, row, now)
  return row.state === 'review' ? reviewFor(to, row) : null
}
