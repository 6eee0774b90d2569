// What a Checkout session may be asked for.

import * as z from 'zod'
import { discountAsk } from './coupons.ts'
import { priceData } from './prices.ts'
import { ask, clearable, flag, int, list, metadata, text } from './shape.ts'
import { trialSettings } from './trial-shape.ts'

const lineItem = z.strictObject({
  price: text.optional(),
  price_data: priceData.optional(),
  quantity: int.optional(),
  metadata: metadata.optional(),
})
const message = z.strictObject({ message: text })

export const sessionAsk = ask({
  mode: z.enum(['subscription', 'payment', 'setup']),
  customer: text.optional(),
  customer_email: text.optional(),
  customer_creation: z.enum(['always', 'if_required']).optional(),
  client_reference_id: text.max(200).optional(),
  line_items: list(lineItem).optional(),
  discounts: list(discountAsk).optional(),
  allow_promotion_codes: flag.optional(),
  success_url: text.optional(),
  cancel_url: text.optional(),
  return_url: text.optional(),
  expires_at: int.optional(),
  currency: text.optional(),
  locale: text.optional(),
  submit_type: z.enum(['auto', 'book', 'donate', 'pay', 'subscribe']).optional(),
  ui_mode: z.literal('hosted_page').optional(),
  billing_address_collection: z.enum(['auto', 'required']).optional(),
  payment_method_collection: z.enum(['always', 'if_required']).optional(),
  custom_text: z.strictObject({ submit: message.optional(), after_submit: message.optional() }).optional(),
  metadata: metadata.optional(),
  subscription_data: z
    .strictObject({
      metadata: metadata.optional(),
      description: text.optional(),
      trial_period_days: int.optional(),
      trial_end: int.optional(),
      trial_settings: trialSettings.optional(),
    })
    .optional(),
  payment_intent_data: z
    .strictObject({
      metadata: metadata.optional(),
      description: text.optional(),
      setup_future_usage: z.enum(['on_session', 'off_session']).optional(),
      receipt_email: text.optional(),
      statement_descriptor_suffix: text.optional(),
      transfer_group: text.optional(),
    })
    .optional(),
  setup_intent_data: z.strictObject({ metadata: metadata.optional(), description: clearable.optional() }).optional(),
})
export type SessionAsk = z.infer<typeof sessionAsk>
