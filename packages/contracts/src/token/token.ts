import * as z from 'zod/mini'
import { id, instant, nothing, route } from '../http/index.ts'
import { machineId } from '../machine/machine.ts'
import { scopes, tokenScope } from './scope.ts'

export const tokenId = id('token')

/** Every secret of a personal access token begins with this, so that scanners find one that leaked. */
export const tokenPrefix = 'spoq_pat_'

const day = 86_400
/** How long a token lives, in seconds. */
export const tokenLife = { least: 60, most: 366 * day, usual: 90 * day } as const

/** What the person calls it: `ci`. */
export const tokenName = z
  .string()
  .check(z.regex(/^[\w][\w .@/-]{0,63}$/, 'a name has 1 to 64 letters, digits, spaces and . @ / _ -'))

export const grantedScopes = z.array(tokenScope).check(z.minLength(1), z.maxLength(10))

/** A personal access token, without its secret: that is shown once, when it is made. */
export const token = z.object({
  id: tokenId,
  name: tokenName,
  scopes: z.array(tokenScope),
  /** The one machine it is for; null: all of the account. */
  machine: z.nullable(machineId),
  createdAt: instant,
  expiresAt: instant,
  lastUsedAt: z.nullable(instant),
  /** The address it was used from last. */
  lastUsedFrom: z.nullable(z.string()),
})
export type Token = z.infer<typeof token>

export const createToken = route({
  method: 'post',
  path: '/api/tokens',
  summary: 'Makes a personal access token. Its secret is in this answer and nowhere else.',
  caller: 'account',
  scope: 'security:write',
  body: z.object({
    name: tokenName,
    scopes: grantedScopes,
    machine: z.optional(machineId),
    expiresIn: z._default(z.number().check(z.int(), z.minimum(tokenLife.least), z.maximum(tokenLife.most)), 7_776_000),
  }),
  status: 201,
  answer: z.object({ token, secret: z.string() }),
  errors: ['machine_not_found'],
})

export const listTokens = route({
  method: 'get',
  path: '/api/tokens',
  summary: 'Lists the personal access tokens that can be used, newest first.',
  caller: 'account',
  scope: 'account:read',
  status: 200,
  answer: z.object({ tokens: z.array(token) }),
  errors: [],
})

export const revokeToken = route({
  method: 'post',
  path: '/api/tokens/{token}/revoke',
  summary: 'Ends a personal access token: at once here, and within seconds on the machines that can be reached.',
  caller: 'account',
  scope: 'security:write',
  params: z.object({ token: tokenId }),
  status: 204,
  answer: nothing,
  errors: ['token_not_found'],
})

/** What a request came with. */
export const credential = z.object({
  kind: z.enum(['login', 'token', 'trust']),
  /** Of the login, the token or the trust; null for a browser. */
  id: z.nullable(z.string()),
  name: z.nullable(z.string()),
  account: z.string(),
  scopes: z.array(z.enum(scopes)),
  machine: z.nullable(machineId),
  expiresAt: z.nullable(instant),
})
export type Credential = z.infer<typeof credential>

export const showCredential = route({
  method: 'get',
  path: '/api/credential',
  summary: 'Shows what the request itself came with: a login, a token or a trusted job, and what that may do.',
  caller: 'account',
  scope: 'any',
  status: 200,
  answer: credential,
  errors: [],
})
