import type { Ledger, Within } from './ports.ts'
import { unlessRefused } from './refusal.ts'
import { checked, type PostRequest, postRequest } from './shape.ts'
import { type PostAnswer, type PostBody, sendPosts } from './store.ts'

/** What stands in the ledger now. */
export interface Posted {
  /** The id of the transaction. */
  tx: string
  recordedAt: Date
  /** The balances of the customers in it right after it, by their codes, in micro-units. */
  after: Record<string, bigint>
}

/**
 * Moves money: positive amounts go to what we owe or have earned, negative ones come from there. With the same key and the same
 * request it answers what it answered first.
 * @param within a transaction that it is to be kept or lost with; else it is stored once this answers
 * @throws SpoqError `credit_short`, `idempotency_mismatch`, `hold_ended`, `invalid_request`; `unavailable`: it may be stored, and
 * the same request again tells.
 */
export async function post(ledger: Ledger, request: PostRequest, within?: Within): Promise<Posted> {
  const { lines, effectiveAt, ...rest } = checked(postRequest, request)
  return sendOne(ledger, { ...rest, ...effective(effectiveAt), lines: lines.map(textLine) }, within)
}

/** Posts in the caller's transaction, or along with others. */
export async function sendOne({ now, batch }: Ledger, body: PostBody, within: Within): Promise<Posted> {
  const answer = within ? (await sendPosts(within, [body], now()))[0] : await batch.send(body)
  return postedOf(unlessRefused(answer as PostAnswer))
}

export const effective = (at: Date | undefined) => (at === undefined ? {} : { effectiveAt: at.toISOString() })

const textLine = ({ account, amount }: { account: string; amount: bigint }) => ({ account, amount: String(amount) })

function postedOf({ tx, at, after }: { tx: string; at: string; after: Record<string, string> }): Posted {
  const balances = Object.entries(after).map(([code, balance]) => [code, BigInt(balance)])
  return { tx, recordedAt: new Date(at), after: Object.fromEntries(balances) }
}
