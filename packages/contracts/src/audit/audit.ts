import * as z from 'zod/mini'
import { instant } from '../http/shape.ts'

/** Who did what to what, when and why (SPEC 10). */
export const auditRecord = z.object({
  at: instant,
  /** `account:ID`, `reconciler`, `system`. */
  actor: z.string(),
  /** The id of the login, the token or the trust it was done by; null: by a browser, by no account, or not known. */
  credential: z._default(z.nullable(z.string()), null),
  /** `machine.create`, `machine.state`, `login.revoke`: noun and verb. */
  action: z.string(),
  /** The id of what it was done to. */
  resource: z.string(),
  from: z.nullable(z.string()),
  to: z.nullable(z.string()),
  reason: z.nullable(z.string()),
  requestId: z.nullable(z.string()),
})
export type AuditRecord = z.infer<typeof auditRecord>
