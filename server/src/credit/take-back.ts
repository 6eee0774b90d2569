// Money that goes back: refunds, and what a bank takes. What was spent already leaves less than nothing.

import type { Transaction } from 'kysely'
import { record } from '../audit/record.ts'
import type { Tables, TopUpRow } from '../db/tables.ts'
import { post } from '../ledger/post.ts'
import { customer } from '../ledger/shape.ts'
import type { Stripe } from '../stripe/open.ts'
import { asking, unlessMissing } from '../stripe/problem.ts'
import { idOf, readSession } from '../stripe/read.ts'
import { microsOf } from './amount.ts'
import { readTopUp, stripeOf } from './card.ts'
import { takenBackFor } from './letter.ts'
import type { CreditPorts } from './ports.ts'
import { findBy, findTakenBack, findTopUp, lockTopUp, putTakenBack } from './store.ts'

/** Has what was refunded of a charge in total taken off the credit, no more and no less. False: it was for no credit. */
export async function readCreditRefund(ports: CreditPorts, there: Stripe.Charge): Promise<boolean> {
  const payment = idOf(there.payment_intent)
  const isPlain = there.amount_refunded === 0 && !(payment && (await findBy(ports.db, 'payment', payment)))
  // Most charges are of subscriptions, and nothing went back: nobody is asked about those.
  const row = isPlain ? undefined : await paidBy(ports, payment)
  if (row) await takeBack(ports, row, { kind: 'refund', source: there.id, cents: there.amount_refunded })
  return row !== undefined
}

/** Has what a bank has taken by a dispute taken off the credit; won, it is given back. False: it is about no credit. */
export async function readCreditDispute(ports: CreditPorts, there: Stripe.Dispute): Promise<boolean> {
  const row = await paidBy(ports, idOf(there.payment_intent))
  if (!row) return false
  const cents = isTaken(there.status) ? there.amount : 0
  await takeBack(ports, row, { kind: 'dispute', source: there.id, cents })
  return true
}

/** A warning takes nothing yet. */
const isTaken = (status: string) => ['needs_response', 'under_review', 'lost'].includes(status)

/** The top-up that a payment was for, once it is credit; what is told of it may come before what tells that it was paid. */
async function paidBy(ports: CreditPorts, payment: string | null): Promise<TopUpRow | undefined> {
  if (!payment) return undefined
  const known = await findBy(ports.db, 'payment', payment)
  if (known) return known.state === 'paid' ? known : undefined
  const stripe = stripeOf(ports)
  const intent = await asking(() => stripe.paymentIntents.retrieve(payment)).catch(unlessMissing)
  const row = intent?.metadata.top_up ? await findTopUp(ports.db, intent.metadata.top_up) : undefined
  if (!row) return undefined
  // Its checkout is being made this very moment: it is read again.
  if (!row.reference) throw new Error(`where ${row.id} was paid is not known yet`)
  const session = await readSession(stripe, row.reference)
  if (session) await readTopUp(ports, session)
  const after = await findBy(ports.db, 'payment', payment)
  return after?.state === 'paid' ? after : undefined
}

interface Back {
  kind: 'refund' | 'dispute'
  /** The id of the charge or of the dispute. */
  source: string
  /** In total. */
  cents: number
}

async function takeBack(ports: CreditPorts, row: TopUpRow, back: Back): Promise<void> {
  const to = await ports.emailOf(row.account_id)
  const isChanged = await ports.db.transaction().execute(trx => takeBackIn(ports, trx, row, back, to))
  if (!isChanged) return
  ports.mail.wake()
  ports.wake()
}

async function takeBackIn(
  { ledger, mail, now }: CreditPorts,
  trx: Transaction<Tables>,
  { id, account_id: account }: TopUpRow,
  { kind, source, cents }: Back,
  to: string | null,
): Promise<boolean> {
  await lockTopUp(trx, id)
  const known = await findTakenBack(trx, source)
  if (known.cents === cents) return false
  const changes = known.changes + 1
  await putTakenBack(trx, { source, topUp: id, cents, changes }, now())
  const amount = microsOf(known.cents - cents)
  const lines = [
    { account: customer(account), amount },
    { account: kind === 'refund' ? 'card' : 'dispute', amount: -amount },
  ]
  // A refund may fail and be made again: totals alone would come twice.
  await post(ledger, { key: `${kind}:${source}:${changes}`, kind, lines }, trx)
  const said = { action: `credit.${kind}`, resource: id, account, from: `${known.cents} cents`, to: `${cents} cents` }
  await record(trx, { actor: 'system', reason: source, ...said }, now())
  if (to) await mail.put(trx as never, await takenBackFor(to, kind, amount), 3 * 86_400)
  return true
}
