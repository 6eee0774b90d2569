import * as z from 'zod/mini'
import { instant, route } from '../http/index.ts'

/** An account's id is better-auth's; letters and digits. */
export const accountId = z.string().check(z.regex(/^[A-Za-z0-9]{16,64}$/))

/** 8 to 128 characters; length is what counts (NIST SP 800-63B). */
export const password = z.string().check(z.minLength(8), z.maxLength(128))

export const account = z.object({
  id: accountId,
  email: z.email(),
  /** Whether the address is known to be theirs: machines that cost somebody money need it. */
  emailVerified: z.boolean(),
  name: z.string(),
  createdAt: instant,
})
export type Account = z.infer<typeof account>

export const showAccount = route({
  method: 'get',
  path: '/api/account',
  summary: 'Shows the account that is signed in.',
  caller: 'account',
  scope: 'account:read',
  status: 200,
  answer: account,
  errors: [],
})

/** Answers a web session in a cookie as well: the first sign-in goes through the same approval as any other. */
export const createFirstAccount = route({
  method: 'post',
  path: '/api/setup/first-account',
  summary: 'Makes the first account with the one-time token from the data folder; refused once an account exists.',
  caller: 'anyone',
  body: z.object({ token: z.string(), email: z.email(), name: z.string().check(z.minLength(1)), password }),
  status: 201,
  answer: account,
  errors: ['setup_closed', 'token_invalid'],
})
