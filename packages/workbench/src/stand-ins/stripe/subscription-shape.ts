// What a subscription, and a change of one, may be asked with.

import * as z from 'zod'
import { discountAsk } from './coupons.ts'
import { itemsAsk, newItemAsk } from './item-shape.ts'
import { ask, clearable, flag, int, list, metadata, text } from './shape.ts'
import { trialSettings } from './trial-shape.ts'

const behavior = z.enum(['none', 'create_prorations', 'always_invoice'])
export const paymentSettings = z.strictObject({ save_default_payment_method: z.enum(['off', 'on_subscription']) })
export const cancellation = z.strictObject({
  comment: clearable.optional(),
  feedback: z
    .enum([
      'customer_service',
      'low_quality',
      'missing_features',
      'other',
      'switched_service',
      'too_complex',
      'too_expensive',
      'unused',
    ])
    .optional(),
})
export const subscriptionAsk = ask({
  customer: text,
  items: list(newItemAsk),
  payment_behavior: z.enum(['allow_incomplete', 'default_incomplete', 'error_if_incomplete']).optional(),
  payment_settings: paymentSettings.optional(),
  default_payment_method: text.optional(),
  discounts: list(discountAsk).optional(),
  metadata: metadata.optional(),
  description: text.optional(),
  cancel_at_period_end: flag.optional(),
  off_session: flag.optional(),
  trial_period_days: int.optional(),
  trial_end: int.optional(),
  trial_settings: trialSettings.optional(),
  collection_method: z.literal('charge_automatically').optional(),
})
export type SubscriptionAsk = z.infer<typeof subscriptionAsk>

export const updateAsk = ask({
  items: itemsAsk.optional(),
  proration_behavior: behavior.optional(),
  proration_date: int.optional(),
  payment_behavior: z.enum(['allow_incomplete', 'error_if_incomplete', 'pending_if_incomplete']).optional(),
  cancel_at_period_end: flag.optional(),
  cancellation_details: cancellation.optional(),
  default_payment_method: clearable.optional(),
  discounts: z.union([z.literal(''), list(discountAsk)]).optional(),
  metadata: metadata.optional(),
  description: clearable.optional(),
  payment_settings: paymentSettings.optional(),
  trial_settings: trialSettings.optional(),
  off_session: flag.optional(),
})
export const cancelAsk = ask({
  invoice_now: flag.optional(),
  prorate: flag.optional(),
  cancellation_details: cancellation.optional(),
})
export const resumeAsk = ask({
  billing_cycle_anchor: z.literal('now').optional(),
  proration_behavior: behavior.optional(),
})
