import * as z from 'zod/mini'

const form = /^\d{1,12}(\.\d{1,18})?$/

/** An amount of coins as plain text, whether it came as text or as a number: `0.0000005`, never `5e-7`. */
export const coins = z.pipe(
  z.union([z.number(), z.string()]),
  z.pipe(z.transform(plain), z.string().check(z.regex(form))),
)

function plain(given: number | string): string {
  const text = String(given)
  return form.test(text) ? text : Number(text).toFixed(18)
}
