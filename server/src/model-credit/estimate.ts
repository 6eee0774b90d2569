// What a call may cost at most, before anybody has counted anything.

import { costOf, type ModelPrice, type Tokens } from '@spoq/kit/model-price'

/** What we take on top of what the vendor asks, in percent. */
export const markup = 20

/** In micro-dollars, rounded up. */
export const priced = (price: ModelPrice, tokens: Tokens): number =>
  Math.ceil(((costOf(price, tokens) ?? 0) * (100 + markup)) / 100)

/** No tokenizer makes more of a text than a token for two bytes, but for rare ones; images have a size of their own. */
const bytesPerToken = 2
const imageTokens = 4_000
const longData = 2_000

export function mostTokens(body: unknown, maxOutputTokens: number): Tokens {
  let images = 0
  const text = JSON.stringify(body, (_, value) => {
    if (typeof value !== 'string' || value.length < longData || !/^(data:[\w/+.-]+;base64,)?[\w+/=]+$/.test(value))
      return value
    images += 1
    return ''
  })
  const inputTokens = Math.ceil(Buffer.byteLength(text) / bytesPerToken) + images * imageTokens
  return { inputTokens, outputTokens: maxOutputTokens }
}
