import * as z from 'zod/mini'
import { route } from '../http/index.ts'
import { acceptance, policy, policyName, policyVersion } from './policy.ts'

const one = z.object({ policy: policyName })

export const showPolicy = route({
  method: 'get',
  path: '/api/policy/{policy}',
  summary: 'Shows what has to be accepted before certain machines are made, as it holds now.',
  caller: 'anyone',
  params: one,
  status: 200,
  answer: policy,
  errors: [],
})

export const acceptPolicy = route({
  method: 'post',
  path: '/api/policy/{policy}/accept',
  summary: 'Accepts a policy in the version that holds now. Asked again it changes nothing.',
  caller: 'account',
  /** People agree, no token does. */
  scope: 'security:write',
  params: one,
  body: z.object({ version: policyVersion }),
  status: 200,
  answer: acceptance,
  errors: ['policy_outdated'],
})
