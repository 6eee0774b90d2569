import * as z from 'zod/mini'
import { nothing, route } from '../http/index.ts'
import { password } from './account.ts'

export const changePassword = route({
  method: 'post',
  path: '/api/account/password',
  summary: 'Changes the password; ends all other logins and web sessions, unless they are to stay.',
  caller: 'account',
  scope: 'security:write',
  body: z.object({ current: z.string().check(z.maxLength(128)), password, endOthers: z._default(z.boolean(), true) }),
  status: 204,
  answer: nothing,
  errors: ['wrong_password', 'rate_limited'],
})
