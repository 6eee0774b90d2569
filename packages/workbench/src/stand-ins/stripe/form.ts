// Stripe's forms: `items[0][price]=p` is nested; all values are text until a shape says what they are.

import type { Json } from '../../official/schema.ts'

/** A form or a query as nested objects of text; what stands in `[0]` stands under the key `0`. */
export function decodeForm(text: string): Json {
  const root: Json = {}
  for (const [key, value] of new URLSearchParams(text)) put(root, pathOf(key), value)
  return root
}

const pathOf = (key: string): string[] => key.replaceAll(']', '').split('[')

function put(into: Json, [first = '', ...rest]: string[], value: string): void {
  if (first === '__proto__') return
  const name = first === '' ? String(Object.keys(into).length) : first
  if (rest.length === 0) {
    into[name] = value
    return
  }
  const inner = typeof into[name] === 'object' ? (into[name] as Json) : {}
  into[name] = inner
  put(inner, rest, value)
}
