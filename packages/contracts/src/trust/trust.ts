import * as z from 'zod/mini'
import { id, instant, nothing, route } from '../http/index.ts'
import { machineId } from '../machine/machine.ts'
import { grantedScopes, tokenScope } from '../token/index.ts'

export const trustId = id('trust')

/** GitHub's number of a repository: unlike its name nobody else ever gets it. */
export const repositoryId = z.string().check(z.regex(/^[1-9]\d{0,17}$/, "a repository's id is a number"))

/** The whole name of a branch or tag: `refs/heads/main`. It is compared as it is; a pull request has none of these. */
export const gitRef = z
  .string()
  .check(z.regex(/^refs\/(heads|tags)\/[^\s*?[\\^~:]{1,200}$/, 'a ref is refs/heads/NAME or refs/tags/NAME'))

/** Jobs of GitHub Actions that may have a token of this account, without a secret that is kept there. */
export const trust = z.object({
  id: trustId,
  repositoryId,
  ref: gitRef,
  scopes: z.array(tokenScope),
  /** The one machine it is for; null: all of the account. */
  machine: z.nullable(machineId),
  createdAt: instant,
  lastUsedAt: z.nullable(instant),
})
export type Trust = z.infer<typeof trust>

/** How long a job's token lives, in seconds. */
export const jobTokenSeconds = 900

export const addTrust = route({
  method: 'post',
  path: '/api/trusts',
  summary: "Lets a repository's GitHub Actions jobs on one ref have 15-minute tokens of the account.",
  caller: 'account',
  scope: 'security:write',
  body: z.object({ repositoryId, ref: gitRef, scopes: grantedScopes, machine: z.optional(machineId) }),
  status: 201,
  answer: trust,
  errors: ['machine_not_found'],
})

export const listTrusts = route({
  method: 'get',
  path: '/api/trusts',
  summary: 'Lists the trusts of the account, newest first.',
  caller: 'account',
  scope: 'account:read',
  status: 200,
  answer: z.object({ trusts: z.array(trust) }),
  errors: [],
})

export const removeTrust = route({
  method: 'post',
  path: '/api/trusts/{trust}/remove',
  summary:
    'Removes a trust; tokens that came of it are refused here at once, and within seconds on the machines that can be reached.',
  caller: 'account',
  scope: 'security:write',
  params: z.object({ trust: trustId }),
  status: 204,
  answer: nothing,
  errors: ['trust_not_found'],
})
