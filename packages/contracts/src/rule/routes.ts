import * as z from 'zod/mini'
import { nothing, route } from '../http/index.ts'
import { effect, rule, ruleId, ruleText } from './rule.ts'

export const listRules = route({
  method: 'get',
  path: '/api/rules',
  summary: 'Lists the rules that this machine keeps about what its agents may do, the newest first.',
  caller: 'member',
  scope: 'machine:read',
  status: 200,
  answer: z.object({ rules: z.array(rule) }),
  errors: [],
})

export const addRule = route({
  method: 'post',
  path: '/api/rules',
  summary:
    'Keeps a rule for the whole machine, or for a folder of its workspace. One that is there already is answered.',
  caller: 'member',
  scope: 'machine:write',
  body: z.object({
    rule: ruleText,
    effect: z._default(effect, 'allow'),
    folder: z._default(z.nullable(z.string().check(z.maxLength(4096))), null),
  }),
  status: 201,
  answer: rule,
  errors: ['disk_full'],
})

export const removeRule = route({
  method: 'delete',
  path: '/api/rules/{rule}',
  summary: 'Removes a rule; it decides nothing any more.',
  caller: 'member',
  scope: 'machine:write',
  params: z.object({ rule: ruleId }),
  status: 204,
  answer: nothing,
  errors: ['rule_not_found'],
})
