// Subscriptions and money in words.

import type { Plan } from '@spoq/contracts/plan'
import type { Subscription, Total } from '@spoq/contracts/subscription'
import { listing } from '../output.ts'

/** `$29.00`, or `29.00 EUR`; what is less than nothing with its sign before. */
export function amount(cents: number, currency: string): string {
  const value = (Math.abs(cents) / 100).toFixed(2)
  const sign = cents < 0 ? '-' : ''
  return currency.toLowerCase() === 'usd' ? `${sign}$${value}` : `${sign}${value} ${currency.toUpperCase()}`
}

const day = (at: string | null) => at?.slice(0, 10) ?? null

/** What will be paid, before it is. */
export function totalInWords(title: string, interval: string, total: Total): string {
  const { nowCents, discountCents, thenCents, currency } = total
  const off = discountCents > 0 ? ` (${amount(discountCents, currency)} off)` : ''
  const then = `then ${amount(thenCents, currency)} each ${interval}`
  if (nowCents < 0) return `Spoq ${title}: ${amount(-nowCents, currency)} off your next invoice, ${then}.`
  return `Spoq ${title}: ${amount(nowCents, currency)} now${off}, ${then}.`
}

/** What a subscription is, and what can be done. */
export function subscriptionLines(subscription: Subscription, plan: Plan): string {
  const { state, interval, periodEnd, cancelAtPeriodEnd, failures, graceUntil, frozenUntil, checkout } = subscription
  return listing({
    plan: `${plan.title}, by the ${interval}`,
    state: stateInWords[state],
    [cancelAtPeriodEnd ? 'ends' : 'paid until']: state === 'active' || state === 'trialing' ? day(periodEnd) : null,
    'failed payments': failures > 0 ? `${failures}; the card: spoq billing portal` : null,
    'pay until': state === 'grace' ? `${day(graceUntil)}, and all is as it was` : null,
    'kept until': state === 'frozen' ? `${day(frozenUntil)}: what is over the limits of the free plan` : null,
    'pay here': checkout?.url,
  })
}

const stateInWords: Record<Subscription['state'], string> = {
  incomplete: 'not paid yet',
  trialing: 'active, on trial',
  active: 'active',
  past_due: 'a payment failed; everything runs, and it is tried again',
  grace: 'not paid: machines are suspended',
  frozen: 'over; you have the free plan',
  ended: 'over',
}
