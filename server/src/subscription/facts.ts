import type { BillingInterval, PlanName } from '@spoq/contracts/plan'
import type { SubscriptionRow } from '../db/tables.ts'
import type { Stripe } from '../stripe/open.ts'
import { isUnpaid, type Unpaid } from './failure.ts'
import type { Facts } from './lifecycle.ts'
import { soldAs } from './price.ts'

/** What is read of a subscription at Stripe: with the invoice that says whether it is paid. */
export const expand = ['latest_invoice']

/** What a subscription at Stripe says. `row`: ours, which knows what was so before. `open`: what is not paid of it, where that was asked. */
export function factsOf(subscription: Stripe.Subscription, row: SubscriptionRow, open: Unpaid | null = null): Facts {
  const [item] = subscription.items.data
  const sold = item ? soldAs(item.price.lookup_key) : null
  const bill = typeof subscription.latest_invoice === 'object' ? subscription.latest_invoice : null
  const plan: PlanName = sold?.plan ?? row.plan
  const interval: BillingInterval = sold?.interval ?? row.billing_interval
  return {
    status: subscription.status as Facts['status'],
    plan,
    interval,
    paidOnce: bill?.status === 'paid' || (row.stripe_id === subscription.id && row.state !== 'incomplete'),
    failures: open?.failures ?? (bill && isUnpaid(bill) ? bill.attempt_count : 0),
    failedAt: open?.failedAt ?? null,
    periodEnd: item ? item.current_period_end * 1_000 : null,
    cancelAtPeriodEnd: subscription.cancel_at_period_end || subscription.cancel_at !== null,
    endedAt: subscription.ended_at === null ? null : subscription.ended_at * 1_000,
  }
}
