import type { Subscription } from '@spoq/contracts/subscription'
import type { SubscriptionRow } from '../db/tables.ts'

export function toSubscription(row: SubscriptionRow): Subscription {
  const { checkout_url: url, checkout_expires_at: expires } = row
  return {
    id: row.id,
    plan: row.plan,
    interval: row.billing_interval,
    state: row.state,
    periodEnd: at(row.period_end),
    cancelAtPeriodEnd: row.cancel_at_period_end,
    failures: row.failures,
    graceUntil: at(row.grace_until),
    frozenUntil: at(row.frozen_until),
    checkout: url !== null && expires !== null ? { url, expiresAt: expires.toISOString() } : null,
  }
}

const at = (date: Date | null) => date?.toISOString() ?? null
