// Money of subscriptions that goes back: disputes, and refunds. What Stripe says now is what counts, however often and in whatever
// order it is told; what was told already stands in a row.

import type { Transaction } from 'kysely'
import { record } from '../audit/record.ts'
import type { ClaimState, SubscriptionClaimRow, Tables } from '../db/tables.ts'
import type { Stripe } from '../stripe/open.ts'
import { asking, unlessMissing } from '../stripe/problem.ts'
import { idOf } from '../stripe/read.ts'
import { accountOf } from '../stripe/store.ts'
import { disputeLetters } from './claim-letter.ts'
import { findClaim, lockClaim, putClaim } from './claim-store.ts'
import type { Selling } from './ports.ts'
import { readSubscription } from './read.ts'
import { findOf } from './store.ts'

/** What a payment was for. */
interface Paid {
  account: string
  /** Stripe's id of the subscription. */
  subscription: string
  invoice: Stripe.Invoice
}

const states: Partial<Record<Stripe.Dispute.Status, ClaimState>> = { won: 'won', lost: 'lost' }
/** A bank only asked, or nothing was taken in the end. */
const harmless: readonly Stripe.Dispute.Status[] = ['warning_closed', 'prevented']

/** Tells of a dispute, and cancels what was paid with it once it is lost. */
export async function readSubscriptionDispute(ports: Selling, there: Stripe.Dispute): Promise<void> {
  const paid = await paidWith(ports, idOf(there.payment_intent))
  if (!paid) return ports.log('error', 'stripe.dispute-unknown', { dispute: there.id })
  const state = states[there.status] ?? (harmless.includes(there.status) ? 'won' : 'open')
  // Before it is written down: cut off in between, it is read again.
  if (state === 'lost') await end(ports, paid.subscription)
  await note(ports, paid, { source: there.id, state, cents: there.amount })
}

/** Notes what was refunded; all that the current period cost ends it. */
export async function readSubscriptionRefund(ports: Selling, there: Stripe.Charge): Promise<void> {
  // Most charges: nothing went back.
  if (there.amount_refunded === 0 && !(await findClaim(ports.db, there.id))) return
  const paid = await paidWith(ports, idOf(there.payment_intent))
  if (!paid) return
  if (there.refunded && (await isCurrent(ports, paid))) await end(ports, paid.subscription)
  await note(ports, paid, { source: there.id, state: 'refunded', cents: there.amount_refunded })
}

/** What a payment was for; null where it was for no subscription of an account here. */
async function paidWith({ stripe, db }: Selling, intent: string | null): Promise<Paid | null> {
  if (!intent) return null
  const payment = { type: 'payment_intent', payment_intent: intent } as const
  const { data } = await asking(() => stripe.invoicePayments.list({ payment, expand: ['data.invoice'] }))
  const invoice = data.map(one => one.invoice).find(one => typeof one === 'object' && !one.deleted)
  if (typeof invoice !== 'object' || invoice.deleted) return null
  const subscription = idOf(invoice.parent?.subscription_details?.subscription ?? null)
  const customer = idOf(invoice.customer)
  const account = customer && (await accountOf(db, customer))
  return account && subscription ? { account, subscription, invoice } : null
}

/** Whether a bill is the one for the period that runs now, and not what a change in the middle of it cost. */
async function isCurrent({ stripe }: Selling, { subscription, invoice }: Paid): Promise<boolean> {
  const there = await asking(() => stripe.subscriptions.retrieve(subscription)).catch(unlessMissing)
  const end = there?.items.data[0]?.current_period_end
  return invoice.lines.data.some(
    ({ parent, period }) => parent?.subscription_item_details?.proration === false && period.end === end,
  )
}

/** Cancels it there at once, where it is not yet; the rest goes as always. */
async function end(ports: Selling, subscription: string): Promise<void> {
  const { stripe } = ports
  const there = await asking(() => stripe.subscriptions.retrieve(subscription)).catch(unlessMissing)
  if (!there || there.status === 'incomplete_expired') return
  if (there.status !== 'canceled') await asking(() => stripe.subscriptions.cancel(subscription))
  await readSubscription(ports, subscription)
}

type Claim = Pick<SubscriptionClaimRow, 'source' | 'state' | 'cents'>

/** Writes down what is new, and tells of it. */
async function note(ports: Selling, { account, subscription }: Paid, claim: Claim): Promise<void> {
  const to = await ports.emailOf(account)
  const isNew = await ports.db
    .transaction()
    .execute(trx => noteIn(ports, trx, { account_id: account, stripe_id: subscription, ...claim }, to))
  if (!isNew) return
  ports.mail.wake()
  const { source, state, cents } = claim
  if (state !== 'refunded')
    ports.log(state === 'won' ? 'warn' : 'error', 'subscription.dispute', { dispute: source, account, state, cents })
}

async function noteIn(
  { mail, now, operators }: Selling,
  trx: Transaction<Tables>,
  claim: Omit<SubscriptionClaimRow, 'updated_at'>,
  to: string | null,
): Promise<boolean> {
  const before = await lockClaim(trx, claim)
  if (before?.state === claim.state && before.cents === claim.cents) return false
  await putClaim(trx, claim, now())
  const { source, account_id: account, state, cents } = claim
  const row = await findOf(trx, account)
  const isRefund = state === 'refunded'
  const said = isRefund
    ? { action: 'subscription.refund', from: `${before?.cents ?? 0} cents`, to: `${cents} cents` }
    : { action: 'subscription.dispute', from: before?.state ?? null, to: state }
  await record(trx, { actor: 'system', resource: row?.id ?? claim.stripe_id, account, ...said, reason: source }, now())
  if (isRefund) return true
  const dispute = { source, account, state, cents, plan: row?.plan ?? null }
  for (const letter of await disputeLetters(dispute, to, operators)) await mail.put(trx as never, letter, 3 * 86_400)
  return true
}
