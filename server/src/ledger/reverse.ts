import type { Ledger, Within } from './ports.ts'
import { effective, type Posted, sendOne } from './post.ts'
import { checked, type ReverseRequest, reverseRequest } from './shape.ts'

/**
 * Posts a transaction the other way round, once: nothing is ever taken away. A reversal can be reversed too.
 * @throws SpoqError `already_reversed`, `not_found`, and what `post` throws.
 */
export async function reverse(ledger: Ledger, request: ReverseRequest, within?: Within): Promise<Posted> {
  const { tx, effectiveAt, ...rest } = checked(reverseRequest, request)
  return sendOne(ledger, { ...rest, ...effective(effectiveAt), reverses: tx }, within)
}
