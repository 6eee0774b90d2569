// What is open of a subscription, and when a payment of it failed: that is when the grace begins, however late we hear of it.

import type { Stripe } from '../stripe/open.ts'
import { asking } from '../stripe/problem.ts'

export interface Unpaid {
  /** Tries to collect the invoice that was tried most often. */
  failures: number
  /** When the last of them failed, in ms; null: nobody knows, as there was no card to try. */
  failedAt: number | null
}

/**
 * What is open of a subscription since it was last paid: another period may have begun meanwhile, with an invoice of its own. Null:
 * nothing is.
 * @throws SpoqError `billing_unavailable`.
 */
export async function unpaidOf(stripe: Stripe, { id, status }: Stripe.Subscription): Promise<Unpaid | null> {
  if (status !== 'past_due' && status !== 'unpaid') return null
  const { data } = await asking(() => stripe.invoices.list({ subscription: id, limit: 24 }))
  const newest = data.toSorted((a, b) => b.created - a.created)
  const paid = newest.findIndex(one => one.status === 'paid')
  const open = newest.slice(0, paid < 0 ? newest.length : paid).filter(isUnpaid)
  const [worst] = open.toSorted((a, b) => b.attempt_count - a.attempt_count)
  return worst ? { failures: worst.attempt_count, failedAt: await failedAt(stripe, worst.id as string) } : null
}

export const isUnpaid = ({ status }: Pick<Stripe.Invoice, 'status'>): boolean =>
  status === 'open' || status === 'uncollectible'

async function failedAt(stripe: Stripe, invoice: string): Promise<number | null> {
  const expand = ['data.payment.payment_intent.latest_charge']
  const { data } = await asking(() => stripe.invoicePayments.list({ invoice, limit: 100, expand }))
  const times = data.flatMap(({ payment: { payment_intent: intent } }) => {
    const charge = typeof intent === 'object' ? intent?.latest_charge : null
    return typeof charge === 'object' && charge?.status === 'failed' ? [charge.created * 1_000] : []
  })
  return times.length === 0 ? null : Math.max(...times)
}
