import type { ModelPrice } from '@spoq/contracts/model'
import type { Usage } from '@spoq/contracts/session'

/** What a call cost, in micro-dollars, rounded up; null when the price is not known. */
export function costOf(
  price: ModelPrice | null,
  { inputTokens, outputTokens, cachedTokens = 0 }: Usage,
): number | null {
  if (!price) return null
  const { input, output, cached } = price.above && inputTokens > price.above.tokens ? price.above : price
  const fresh = Math.max(0, inputTokens - cachedTokens)
  return Math.ceil((fresh * input + cachedTokens * cached + outputTokens * output) / 1e6)
}

/** A sum of costs; not known as soon as one of them is not. */
export function sumOfCosts(costs: readonly (number | null | undefined)[]): number | null {
  return costs.reduce<number | null>((sum, cost) => (sum === null || cost == null ? null : sum + cost), 0)
}
