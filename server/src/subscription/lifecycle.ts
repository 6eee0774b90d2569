// What becomes of a subscription: from what Stripe says of it now, and from the time. Pure and level-triggered: whichever
// messages came, in whatever order and however often, the same facts lead to the same state.

import type { BillingInterval, PlanName } from '@spoq/contracts/plan'
import type { SubscriptionState } from '@spoq/contracts/subscription'

const day = 86_400_000
/** Between the last failure, or the end, and what is done about it. */
export const graceMs = 7 * day
/** The grace lasts for this at least from when its mail is written: so long there is to pay, also if we were away meanwhile. */
export const leastGraceMs = day
/** How long what is over the limits of the free plan is kept. */
export const frozenMs = 30 * day
/** So many payments fail before the grace begins. */
export const mostFailures = 4

/** Stripe's eight. */
export type StripeStatus =
  | 'active'
  | 'canceled'
  | 'incomplete'
  | 'incomplete_expired'
  | 'past_due'
  | 'paused'
  | 'trialing'
  | 'unpaid'

/** A subscription as Stripe has it now. Times are in ms. */
export interface Facts {
  status: StripeStatus
  plan: PlanName
  interval: BillingInterval
  /** Whether an invoice of it was ever paid: only then anything is given for it. */
  paidOnce: boolean
  /** Tries to collect the invoice that is open. */
  failures: number
  /** When the last of them failed; null: nobody knows. */
  failedAt: number | null
  periodEnd: number | null
  cancelAtPeriodEnd: boolean
  endedAt: number | null
}

export interface Standing {
  state: SubscriptionState
  graceUntil: number | null
  frozenUntil: number | null
}

/**
 * The state that a subscription comes to. `facts`: null where Stripe has none (not paid for yet, or not known yet).
 * It may be asked at any time again; what was reached by time is not left but by a payment.
 */
export function next(before: Standing & { plan: PlanName }, facts: Facts | null, now: number): Standing {
  if (facts === null) return before.state === 'incomplete' ? stand('incomplete') : timed(before, before.plan, now)
  if (!facts.paidOnce) return isDead(facts.status) ? stand('ended') : stand('incomplete')
  switch (facts.status) {
    case 'trialing':
    case 'active':
      return stand(facts.status)
    case 'past_due':
      if (facts.failures < mostFailures) return stand('past_due')
      return lapsed(before, facts, facts.failedAt, now)
    case 'unpaid':
      return lapsed(before, facts, facts.failedAt, now)
    case 'incomplete':
    case 'paused':
      return lapsed(before, facts, null, now)
    case 'canceled':
    case 'incomplete_expired':
      return lapsed(before, facts, facts.endedAt, now)
  }
}

const isDead = (status: StripeStatus) => status === 'canceled' || status === 'incomplete_expired'
const stand = (state: SubscriptionState): Standing => ({ state, graceUntil: null, frozenUntil: null })

/** What has begun is not begun again. */
function lapsed(before: Standing, { plan }: Facts, since: number | null, now: number): Standing {
  const begun: Standing = isLapsed(before.state)
    ? before
    : { state: 'grace', graceUntil: graceEnd(since ?? now, now), frozenUntil: null }
  return timed(begun, plan, now)
}

/** The grace began when it lapsed, not when we heard of it; a time that is still to come is none to go by. */
const graceEnd = (since: number, now: number) => Math.max(Math.min(since, now) + graceMs, now + leastGraceMs)

export const isLapsed = (state: SubscriptionState): boolean =>
  state === 'grace' || state === 'frozen' || state === 'ended'

/** What time alone does: at the very end of a term it is over. */
function timed({ state, graceUntil, frozenUntil }: Standing, plan: PlanName, now: number): Standing {
  if (state === 'grace' && graceUntil !== null && now >= graceUntil)
    return timed(afterGrace(plan, graceUntil), plan, now)
  if (state === 'frozen' && frozenUntil !== null && now >= frozenUntil)
    return { state: 'ended', graceUntil, frozenUntil }
  return { state, graceUntil, frozenUntil }
}

/** Pro and above fall to the free plan; the others are over. */
function afterGrace(plan: PlanName, graceUntil: number): Standing {
  if (plan === 'free' || plan === 'basic') return { state: 'ended', graceUntil, frozenUntil: null }
  return { state: 'frozen', graceUntil, frozenUntil: graceUntil + frozenMs }
}

/** When time alone changes it next, in ms; null: never. */
export function nextAt({ state, graceUntil, frozenUntil }: Standing): number | null {
  if (state === 'grace') return graceUntil
  return state === 'frozen' ? frozenUntil : null
}

/** Whether the plan is the account's: it is paid for, or a payment is still tried. */
export const hasPlan = (state: SubscriptionState): boolean =>
  state === 'trialing' || state === 'active' || state === 'past_due'
