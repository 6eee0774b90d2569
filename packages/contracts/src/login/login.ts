import * as z from 'zod/mini'
import { id, instant, nothing, route } from '../http/index.ts'

export const loginId = id('login')

/** A signed-in CLI or browser. Each is an OAuth client of its own, so that ending one touches no other. */
export const login = z.object({
  id: loginId,
  /** After its computer: `alice@thinkpad`. */
  name: z.string(),
  /** Whether the request came with this very login. */
  current: z.boolean(),
  createdAt: instant,
  lastUsedAt: z.nullable(instant),
})
export type Login = z.infer<typeof login>

export const listLogins = route({
  method: 'get',
  path: '/api/logins',
  summary: 'Lists the logins of the account, newest first.',
  caller: 'account',
  scope: 'account:read',
  status: 200,
  answer: z.object({ logins: z.array(login) }),
  errors: [],
})

export const revokeLogin = route({
  method: 'post',
  path: '/api/logins/{login}/revoke',
  summary: 'Ends a login: at once here, and within seconds on the machines that can be reached.',
  caller: 'account',
  scope: 'security:write',
  params: z.object({ login: loginId }),
  status: 204,
  answer: nothing,
  errors: ['login_not_found'],
})
