import * as z from 'zod/mini'
import { nothing, route } from '../http/index.ts'
import { password } from './account.ts'

export const askPasswordReset = route({
  method: 'post',
  path: '/api/account/password-reset',
  summary: 'Has a link to set a new password sent; answers the same whether there is such an account or not.',
  caller: 'anyone',
  body: z.object({ email: z.email() }),
  status: 204,
  answer: nothing,
  errors: ['rate_limited'],
})

export const confirmPasswordReset = route({
  method: 'post',
  path: '/api/account/password-reset/confirm',
  summary: 'Sets the password that a link is for, once; ends all logins and web sessions of the account.',
  caller: 'anyone',
  body: z.object({ token: z.string(), password }),
  status: 204,
  answer: nothing,
  errors: ['code_expired'],
})
