import * as z from 'zod/mini'
import { route } from '../http/index.ts'

/** What a look at the whole ledger has found. */
export const verification = z.object({
  /** What is wrong, in words. Nothing here: all is as it was posted. */
  findings: z.array(z.string()),
  /** What was looked at: transactions, blocks of the chain, and heads of it that were written outside the database. */
  transactions: z.number(),
  blocks: z.number(),
  heads: z.number(),
})
export type Verification = z.infer<typeof verification>

export const verifyLedger = route({
  method: 'get',
  path: '/api/admin/ledger/verify',
  caller: 'admin',
  scope: 'security:write',
  summary: 'Computes the whole ledger once more: sums, balances, holds, and the chain of hashes.',
  status: 200,
  answer: verification,
  errors: [],
})
