import * as z from 'zod/mini'
import { instant } from '../http/index.ts'
import { billingInterval, planName } from '../plan/plan.ts'

/**
 * `incomplete`: nothing was paid yet. `past_due`: a payment failed, and is tried again; everything runs. `grace`: machines are
 * suspended, and paying or exporting is possible until `graceUntil`. `frozen`: the account fell to the free plan, and what is
 * over its limits is kept until `frozenUntil`. `ended`: over.
 */
export const subscriptionStates = ['incomplete', 'trialing', 'active', 'past_due', 'grace', 'frozen', 'ended'] as const
export const subscriptionState = z.enum(subscriptionStates)
export type SubscriptionState = z.infer<typeof subscriptionState>

export const subscription = z.object({
  id: z.string(),
  plan: planName,
  interval: billingInterval,
  state: subscriptionState,
  /** Until when it is paid. */
  periodEnd: z.nullable(instant),
  /** It ends then, and is not renewed. */
  cancelAtPeriodEnd: z.boolean(),
  /** Payments in a row that failed. */
  failures: z.int(),
  graceUntil: z.nullable(instant),
  frozenUntil: z.nullable(instant),
  /** Where it is paid; null: nothing waits to be paid there. Whoever opens it can pay. */
  checkout: z.nullable(z.object({ url: z.string(), expiresAt: instant })),
})
export type Subscription = z.infer<typeof subscription>

/** What is to be paid, in hundredths of the currency. */
export const total = z.object({
  /** At once. Less than nothing: so much goes off the next invoice. */
  nowCents: z.int(),
  /** Of that, what a coupon takes off. */
  discountCents: z.int(),
  /** With each renewal, without what a coupon takes off. */
  thenCents: z.int(),
  currency: z.string(),
  /** The second that a difference was reckoned to; a change that names it costs just that. Null: there is no difference. */
  at: z.nullable(instant),
})
export type Total = z.infer<typeof total>

export const invoice = z.object({
  id: z.string(),
  number: z.nullable(z.string()),
  state: z.enum(['draft', 'open', 'paid', 'uncollectible', 'void']),
  totalCents: z.int(),
  dueCents: z.int(),
  currency: z.string(),
  createdAt: instant,
  /** Where it can be read and paid. */
  url: z.nullable(z.string()),
  pdf: z.nullable(z.string()),
})
export type Invoice = z.infer<typeof invoice>

export const paymentMethod = z.object({
  id: z.string(),
  kind: z.string(),
  brand: z.nullable(z.string()),
  last4: z.nullable(z.string()),
  expires: z.nullable(z.string()),
  isDefault: z.boolean(),
})
export type PaymentMethod = z.infer<typeof paymentMethod>
