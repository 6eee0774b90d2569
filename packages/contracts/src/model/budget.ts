import * as z from 'zod/mini'
import { route } from '../http/index.ts'

/** A bound in micro-dollars or in tokens (input and output together); both may be set, and null is no bound. */
export const limit = z.object({
  costMicros: z.nullable(z.number().check(z.minimum(0))),
  tokens: z.nullable(z.number().check(z.int(), z.minimum(0))),
})
export type Limit = z.infer<typeof limit>

/** What a turn, and what all of a day (UTC), may use. */
export const budget = z.object({ turn: limit, day: limit })
export type Budget = z.infer<typeof budget>

export const budgetState = z.object({
  budget,
  /** Used since midnight UTC. `unpriced` calls are in the tokens, and in no sum of money. */
  today: z.object({ costMicros: z.number(), tokens: z.number(), unpriced: z.number() }),
})
export type BudgetState = z.infer<typeof budgetState>

export const showBudget = route({
  method: 'get',
  path: '/api/model/budget',
  summary: 'Shows the budgets, and what was used today.',
  caller: 'member',
  scope: 'machine:read',
  status: 200,
  answer: budgetState,
  errors: [],
})

export const setBudget = route({
  method: 'put',
  path: '/api/model/budget',
  summary: 'Sets the budgets.',
  caller: 'member',
  scope: 'machine:write',
  body: budget,
  status: 200,
  answer: budgetState,
  errors: [],
})
