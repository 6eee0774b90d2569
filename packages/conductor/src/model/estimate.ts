// How large a prompt is, before anybody counts it.

import type { ModelPrice } from '@spoq/contracts/model'
import { costOf } from './cost.ts'
import type { Spent } from './spending.ts'

const bytesPerToken = 4
/** What vendors count for an image of usual size, about. */
const imageTokens = 1600

/** An estimate of what goes in: messages and tools, images by their number. */
export function estimateOf(prompt: unknown, price: ModelPrice | null): Spent {
  let images = 0
  const text = JSON.stringify(prompt, (key, value) => {
    if (key !== 'data' || typeof value !== 'string') return value
    images += 1
    return ''
  })
  const tokens = Math.ceil(Buffer.byteLength(text) / bytesPerToken) + images * imageTokens
  const usage = { inputTokens: tokens, outputTokens: 0 }
  return { costMicros: costOf(price, usage) ?? 0, tokens, unpriced: 0 }
}
