import * as z from 'zod/mini'
import { route } from '../http/index.ts'
import { messageUse } from '../message/message.ts'
import { plan, planName, planSource } from './plan.ts'

export const listPlans = route({
  method: 'get',
  path: '/api/plans',
  summary: 'Lists the plans of this server: what each costs and allows.',
  caller: 'anyone',
  status: 200,
  answer: z.object({
    plans: z.array(plan),
    /** The plan of who bought none. */
    usual: planName,
  }),
  errors: [],
})

export const showPlan = route({
  method: 'get',
  path: '/api/plan',
  summary: 'Shows the plan of the account that asks.',
  caller: 'account',
  scope: 'account:read',
  status: 200,
  answer: z.object({
    plan,
    source: planSource,
    /** What is used of its messages of this month; none where there is no limit. */
    messages: z.optional(z.array(messageUse)),
  }),
  errors: [],
})

export const givePlan = route({
  method: 'put',
  path: '/api/admin/plan',
  summary: 'Gives an account a plan, by contract or as a courtesy; null takes it back.',
  caller: 'admin',
  scope: 'security:write',
  body: z.object({
    email: z.string().check(z.maxLength(320)),
    plan: z.nullable(planName),
    reason: z.string().check(z.minLength(1), z.maxLength(500)),
  }),
  status: 200,
  answer: z.object({ account: z.string(), plan, source: planSource }),
  errors: ['account_not_found'],
})
