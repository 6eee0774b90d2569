import * as z from 'zod/mini'
import { route } from '../http/index.ts'
import { accountVendor } from '../model-key/model-key.ts'

/** How a machine's token begins by which it asks models on Spoq credit: in the place of a vendor's key. */
export const creditTokenPrefix = 'spoq-credit_'

/** Cents a month. */
const budget = z.int().check(z.minimum(1), z.maximum(100_000_00))

/** Models on Spoq's own keys, paid from prepaid credit. */
export const modelCredit = z.object({
  /** Whether the account's machines use it where it has no key of its own. */
  on: z.boolean(),
  /** The vendors whose models are had by it here. */
  vendors: z.array(accountVendor),
  /** On top of what the vendor asks, in percent. */
  markup: z.number(),
  /** Never more than this in a calendar month (UTC); null: as long as there is credit. */
  budgetCents: z.nullable(budget),
  /** In this month so far, in dollars: `1.234567`. */
  spent: z.string(),
})
export type ModelCredit = z.infer<typeof modelCredit>

export const showModelCredit = route({
  method: 'get',
  path: '/api/model-credit',
  summary: 'Says whether the account has models on Spoq credit, and what they have cost this month.',
  caller: 'account',
  scope: 'account:read',
  status: 200,
  answer: modelCredit,
  errors: [],
})

export const setModelCredit = route({
  method: 'put',
  path: '/api/model-credit',
  summary: 'Turns models on Spoq credit on or off for all machines of the account, and says what a month may cost.',
  caller: 'account',
  scope: 'security:write',
  body: z.object({ on: z.boolean(), budgetCents: z.optional(z.nullable(budget)) }),
  status: 200,
  answer: modelCredit,
  errors: ['model_credit_off'],
})
