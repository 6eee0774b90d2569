import type { BillingInterval, PlanName } from '@spoq/contracts/plan'
import type { SubscriptionRow } from '../db/tables.ts'
import type { Stripe } from '../stripe/open.ts'
import { asking } from '../stripe/problem.ts'
import { isUnpaid, unpaidOf } from './failure.ts'
import type { Facts } from './lifecycle.ts'
import { soldAs } from './price.ts'

/** What is read of a subscription at Stripe: with the invoice that says whether it is paid. */
export const expand = ['latest_invoice']

/**
 * What a subscription at Stripe says, by what is asked there beside it; the answer is for the row as it is then, which knows what
 * was so before.
 * @throws SpoqError `billing_unavailable`.
 */
export async function readFacts(
  stripe: Stripe,
  subscription: Stripe.Subscription,
  row: SubscriptionRow,
): Promise<(row: SubscriptionRow) => Facts> {
  const bill = billOf(subscription)
  const [open, paid] = await Promise.all([
    unpaidOf(stripe, subscription),
    bill?.status === 'paid' || isKnownPaid(subscription, row) || wasPaid(stripe, subscription),
  ])
  return row =>
    factsOf(subscription, row, { failures: open?.failures ?? failuresOf(bill), failedAt: open?.failedAt ?? null, paid })
}

/** The last invoice may be of a later period, where nobody told us of the first one. */
async function wasPaid(stripe: Stripe, { id }: Stripe.Subscription): Promise<boolean> {
  const { data } = await asking(() => stripe.invoices.list({ subscription: id, status: 'paid', limit: 1 }))
  return data.length > 0
}

const billOf = ({ latest_invoice: bill }: Stripe.Subscription) => (typeof bill === 'object' ? bill : null)
const failuresOf = (bill: Stripe.Invoice | null) => (bill && isUnpaid(bill) ? bill.attempt_count : 0)
const isKnownPaid = ({ id }: Stripe.Subscription, row: SubscriptionRow) =>
  row.stripe_id === id && row.state !== 'incomplete'

interface Bills {
  failures: number
  failedAt: number | null
  paid: boolean
}

function factsOf(subscription: Stripe.Subscription, row: SubscriptionRow, { paid, failures, failedAt }: Bills): Facts {
  const [item] = subscription.items.data
  const sold = item ? soldAs(item.price.lookup_key) : null
  const plan: PlanName = sold?.plan ?? row.plan
  const interval: BillingInterval = sold?.interval ?? row.billing_interval
  return {
    status: subscription.status as Facts['status'],
    plan,
    interval,
    paidOnce: paid || isKnownPaid(subscription, row),
    failures,
    failedAt,
    periodEnd: item ? item.current_period_end * 1_000 : null,
    cancelAtPeriodEnd: subscription.cancel_at_period_end || subscription.cancel_at !== null,
    endedAt: subscription.ended_at === null ? null : subscription.ended_at * 1_000,
  }
}
