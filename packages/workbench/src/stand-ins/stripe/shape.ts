// The shapes of what may be asked: closed, and the text of forms becomes numbers, booleans and lists in them.

import * as z from 'zod'

export const text = z.string().min(1).max(5_000)
/** A text that '' takes away. */
export const clearable = z.string().max(5_000)
export const int = z
  .string()
  .regex(/^-?\d+$/, 'Invalid integer')
  .transform(Number)
export const number = z
  .string()
  .regex(/^-?\d+(\.\d+)?$/, 'Invalid number')
  .transform(Number)
export const flag = z.enum(['true', 'false']).transform(value => value === 'true')
export const currency = z.string().regex(/^[a-z]{3}$/, 'Invalid currency')

/** What stands under 0, 1, 2… as a list. */
export const list = <T extends z.ZodType>(one: T) =>
  z.preprocess(
    value => (typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.values(value) : value),
    z.array(one),
  )

export const metadata = z.union([
  z.literal(''),
  z.record(z.string().max(40), z.string().max(500)).refine(all => Object.keys(all).length <= 50),
])

/** What one operation may be asked for; `expand` goes with all. */
export const ask = <T extends z.ZodRawShape>(fields: T) => z.strictObject({ ...fields, expand: list(text).optional() })

export const pages = { limit: int.optional(), starting_after: text.optional(), ending_before: text.optional() }

export const recurring = z.strictObject({
  interval: z.enum(['day', 'week', 'month', 'year']),
  interval_count: int.optional(),
})

/** Metadata as it is after an update: '' takes one away, or all. */
export function merged(before: Record<string, string>, change: z.infer<typeof metadata> | undefined) {
  if (change === undefined) return before
  if (change === '') return {}
  return Object.fromEntries(Object.entries({ ...before, ...change }).filter(([, value]) => value !== ''))
}
