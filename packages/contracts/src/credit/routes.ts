import * as z from 'zod/mini'
import { id, route } from '../http/index.ts'
import { chain, credit, movement, review, topUp } from './credit.ts'

const read = { caller: 'account', scope: 'account:read', method: 'get', status: 200 } as const
const version = z.string().check(z.regex(/^[1-9][0-9]{0,17}$/))

export const showCredit = route({
  ...read,
  path: '/api/credit',
  summary: 'Shows the credit of the account, and how far it reaches.',
  answer: credit,
  errors: [],
})

export const creditHistory = route({
  ...read,
  path: '/api/credit/history',
  summary: 'Lists what came to the credit and what was taken from it, the newest first; fifty at a time.',
  query: z.object({ before: z.optional(version) }),
  answer: z.object({
    movements: z.array(movement),
    /** What to ask `before` for the page after this; null: there is none. */
    next: z.nullable(version),
  }),
  errors: [],
})

export const topUpCredit = route({
  method: 'post',
  path: '/api/credit/top-ups',
  summary: 'Begins to buy credit: answers where it is paid. With the same Idempotency-Key it is one.',
  caller: 'account',
  /** Money is spent by people: no token has this scope. */
  scope: 'security:write',
  body: z.object({
    cents: z.int().check(z.minimum(500), z.maximum(100_000)),
    method: z.enum(['card', 'crypto']),
    /** With `crypto`: which coins. */
    chain: z.optional(chain),
  }),
  status: 201,
  answer: topUp,
  errors: ['billing_off', 'billing_unavailable', 'chain_unavailable', 'email_unverified', 'idempotency_mismatch'],
})

export const showTopUp = route({
  ...read,
  path: '/api/credit/top-ups/{topUp}',
  summary: 'Shows a top-up: where it is paid, and whether it was.',
  params: z.object({ topUp: id('topup') }),
  answer: topUp,
  errors: ['top_up_not_found'],
})

export const giveCredit = route({
  method: 'post',
  path: '/api/admin/credit',
  summary: 'Gives an account credit: for what was paid in another way, or as a courtesy.',
  caller: 'admin',
  scope: 'security:write',
  body: z.object({
    email: z.string().check(z.maxLength(320)),
    cents: z.int().check(z.minimum(1), z.maximum(1_000_000)),
    reason: z.string().check(z.minLength(1), z.maxLength(500)),
  }),
  status: 201,
  answer: topUp,
  errors: ['account_not_found', 'idempotency_mismatch'],
})

export const listReviews = route({
  method: 'get',
  path: '/api/admin/credit/reviews',
  summary: 'Lists top-ups that wait for a person, the oldest first.',
  caller: 'admin',
  scope: 'security:write',
  status: 200,
  answer: z.object({ reviews: z.array(review) }),
  errors: [],
})

export const settleTopUp = route({
  method: 'post',
  path: '/api/admin/credit/settle',
  summary: 'Decides about a top-up that waits for a person. The same decision again changes nothing.',
  caller: 'admin',
  scope: 'security:write',
  body: z.object({
    topUp: id('topup'),
    /** So much of it becomes credit; null: nothing does. */
    cents: z.nullable(z.int().check(z.minimum(1), z.maximum(1_000_000))),
    reason: z.string().check(z.minLength(1), z.maxLength(500)),
  }),
  status: 200,
  answer: topUp,
  errors: ['top_up_not_found', 'top_up_settled'],
})
