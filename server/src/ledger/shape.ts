// What may be asked of the ledger. Amounts are micro-units: 1_000_000n is one dollar.

import { SpoqError } from '@spoq/contracts/problem'
import * as z from 'zod/mini'

/** Where the money stands: `customer:ACCOUNT`, or one of the platform's own. */
export const accountCode = z.string().check(z.regex(/^(customer:[A-Za-z0-9_-]{1,100}|[a-z]{1,40})$/))
/** The code of a customer's account. */
export const customer = (account: string): string => `customer:${account}`

/** A billion dollars: far from where the sums of a bigint end. */
const most = 1_000_000_000_000_000n
const amount = z
  .bigint()
  .check(
    z.refine(
      n => n !== 0n && n <= most && n >= -most,
      'an amount other than 0, of at most a billion dollars, is needed',
    ),
  )
const positive = z.bigint().check(z.refine(n => n > 0n && n <= most, 'an amount above 0 is needed'))

/** The same request has the same key, whenever and however often it is sent. What `charge` posts begins with `due:`. */
const key = z.string().check(z.regex(/^(?!due:)[\x21-\x7e]{1,200}$/))
const kind = z.string().check(z.regex(/^[a-z][a-z0-9_.-]{0,39}$/))
const id = z.string().check(z.regex(/^[1-9][0-9]{0,17}$/))
/** PostgreSQL takes neither NUL nor half a character, and one such text would fail all that are sent along with it. */
const note = z.string().check(
  z.maxLength(500),
  z.refine(text => text.isWellFormed() && !text.includes('\0')),
)

const line = z.object({ account: accountCode, amount })
export type Line = z.infer<typeof line>

const common = { key, kind, effectiveAt: z.optional(z.date()), note: z.optional(note) }

export const postRequest = z.object({
  ...common,
  /** Their sum is 0. */
  lines: z.array(line).check(z.minLength(2), z.maxLength(50)),
  /** The hold that this takes; what it held is free again, and the lines say what is taken. */
  captures: z.optional(id),
})
export type PostRequest = z.infer<typeof postRequest>

export const reverseRequest = z.object({
  ...common,
  /** `refund` may take a guarded account below its floor. */
  kind: z._default(kind, 'reversal'),
  /** The transaction whose lines are posted the other way round. */
  tx: id,
})
export type ReverseRequest = z.input<typeof reverseRequest>

export const holdRequest = z.object({
  key,
  account: accountCode,
  amount: positive,
  /** After so long it is over by itself, at that very moment. */
  forMs: z.int().check(z.minimum(1), z.maximum(366 * 86_400_000)),
})
export type HoldRequest = z.infer<typeof holdRequest>

/**
 * Checks a request where it enters.
 * @throws SpoqError `invalid_request` that names what is wrong.
 */
export function checked<Schema extends z.ZodMiniType>(schema: Schema, given: unknown): z.infer<Schema> {
  const parsed = z.safeParse(schema, given)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw new SpoqError('invalid_request', { message: `The ledger: ${issue?.path.join('.')}: ${issue?.message}` })
}

export const wholeId = (given: string): string => checked(id, given)
