import * as z from 'zod/mini'
import { instant, route } from '../http/index.ts'

/** Something that matters to the safety of an account. */
export const securityEvent = z.object({
  at: instant,
  /** Noun and verb: `account.sign-in`, `account.sign-in-failed`, `password.reset`, `totp.on`, `login.revoke`. */
  action: z.string(),
  /** The account, or the login it was about. */
  resource: z.string(),
  /** The id of the login, the token or the trust it was done by; null: by a browser, by nobody, or not known. */
  credential: z._default(z.nullable(z.string()), null),
  /** Where it came from; null: nobody's request caused it. */
  address: z.nullable(z.string()),
  /** What the program called itself. */
  agent: z.nullable(z.string()),
  reason: z.nullable(z.string()),
  requestId: z.nullable(z.string()),
})
export type SecurityEvent = z.infer<typeof securityEvent>

export const showSecurityLog = route({
  method: 'get',
  path: '/api/account/security-log',
  summary: 'Lists the latest 200 events that matter to the safety of the account, newest first.',
  caller: 'account',
  scope: 'account:read',
  status: 200,
  answer: z.object({ events: z.array(securityEvent) }),
  errors: [],
})
