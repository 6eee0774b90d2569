import * as z from 'zod/mini'
import { instant, nothing, route } from '../http/index.ts'

/** Six digits, however they are grouped. */
export const emailCode = z.string().check(z.regex(/^\s*(\d[\s-]?){6}\s*$/, 'six digits are needed'))

export const sendEmailCode = route({
  method: 'post',
  path: '/api/account/verification',
  summary: "Sends a six-digit code to the account's e-mail address; the code before works no more.",
  caller: 'account',
  scope: 'security:write',
  status: 202,
  answer: z.object({
    /** True: the address is verified already, and no code was sent. */
    verified: z.boolean(),
    email: z.email(),
    /** When the code stops working; 15 minutes from now. */
    expiresAt: z.nullable(instant),
  }),
  errors: ['account_not_found', 'rate_limited'],
})

export const confirmEmail = route({
  method: 'post',
  path: '/api/account/verification/confirm',
  summary: 'Takes the code that was sent: the e-mail address is verified from now on.',
  caller: 'account',
  scope: 'security:write',
  body: z.object({ code: emailCode }),
  status: 204,
  answer: nothing,
  errors: ['code_wrong', 'code_expired'],
})
