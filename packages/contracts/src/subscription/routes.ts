import * as z from 'zod/mini'
import { instant, route } from '../http/index.ts'
import { billingInterval, planName } from '../plan/plan.ts'
import { invoice, paymentMethod, subscription, total } from './subscription.ts'

const read = { caller: 'account', scope: 'account:read', status: 200 } as const
/** Money is spent by people: no token has this scope. */
const spend = { caller: 'account', scope: 'security:write', status: 200 } as const
const wish = { plan: planName, interval: z._default(billingInterval, 'month') }
const coupon = z.optional(z.string().check(z.minLength(1), z.maxLength(100)))
const link = z.object({ url: z.string() })
const away = ['billing_off', 'billing_unavailable'] as const

export const showSubscription = route({
  ...read,
  method: 'get',
  path: '/api/subscription',
  summary: 'Shows what the account subscribes to; null: nothing, and never did.',
  answer: z.object({
    subscription: z.nullable(subscription),
    /** Whether plans can be paid for here. */
    card: z.boolean(),
  }),
  errors: [],
})

export const previewSubscription = route({
  ...read,
  method: 'get',
  path: '/api/subscription/preview',
  summary: 'Says what a plan would cost, now and then; of another plan than the present one, the difference.',
  query: z.object({ ...wish, coupon }),
  answer: total,
  errors: [...away, 'plan_not_sold', 'coupon_unknown'],
})

export const subscribe = route({
  ...spend,
  method: 'post',
  path: '/api/subscription',
  summary: 'Begins a subscription: answers where it is paid. Asked again it is the same until that is too late.',
  body: z.object({ ...wish, coupon }),
  status: 201,
  answer: subscription,
  errors: [...away, 'plan_not_sold', 'coupon_unknown', 'subscription_exists', 'email_unverified'],
})

export const changeSubscription = route({
  ...spend,
  method: 'put',
  path: '/api/subscription',
  summary: 'Goes to another plan or interval at once; the difference is paid or taken off the next invoice.',
  body: z.object({ ...wish, at: z.optional(instant) }),
  answer: subscription,
  errors: [...away, 'plan_not_sold', 'subscription_none', 'subscription_state', 'price_changed', 'card_declined'],
})

export const cancelSubscription = route({
  ...spend,
  method: 'post',
  path: '/api/subscription/cancel',
  summary: 'Ends a subscription when what is paid is over. Asked again it changes nothing.',
  answer: subscription,
  errors: [...away, 'subscription_none'],
})

export const resumeSubscription = route({
  ...spend,
  method: 'post',
  path: '/api/subscription/resume',
  summary: 'Takes a cancellation back, while what was paid lasts.',
  answer: subscription,
  errors: [...away, 'subscription_none', 'subscription_state'],
})

export const openPortal = route({
  ...spend,
  method: 'post',
  path: '/api/billing/portal',
  summary: 'Answers where invoices, cards and addresses are seen to. The link is good for a few minutes.',
  answer: link,
  errors: [...away],
})

export const listInvoices = route({
  ...read,
  method: 'get',
  path: '/api/invoices',
  summary: 'Lists the newest invoices.',
  answer: z.object({ invoices: z.array(invoice) }),
  errors: [...away],
})

export const listPaymentMethods = route({
  ...read,
  method: 'get',
  path: '/api/payment-methods',
  summary: 'Lists the cards of an account: their last digits alone.',
  answer: z.object({ paymentMethods: z.array(paymentMethod) }),
  errors: [...away],
})

export const addPaymentMethod = route({
  ...spend,
  method: 'post',
  path: '/api/payment-methods',
  summary: 'Answers where a card is entered; no digit of it comes here.',
  answer: link,
  errors: [...away],
})

export const setDefaultPaymentMethod = route({
  ...spend,
  method: 'put',
  path: '/api/payment-methods/{payment}/default',
  summary: 'Has this card charged from now on.',
  params: z.object({ payment: z.string().check(z.regex(/^pm_[A-Za-z0-9_]{1,60}$/)) }),
  answer: z.object({ paymentMethods: z.array(paymentMethod) }),
  errors: [...away, 'payment_method_not_found'],
})
