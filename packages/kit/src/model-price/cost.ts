/** Micro-dollars for a million tokens. */
interface Prices {
  input: number
  /** Of the input, what the vendor had cached. */
  cached: number
  output: number
}

/** What a model costs; `above`: what a call costs whose input has more tokens than that. */
export interface ModelPrice extends Prices {
  above?: (Prices & { tokens: number }) | undefined
}

/** Tokens as vendors count them; `cachedTokens` are a part of the input. */
export interface Tokens {
  inputTokens: number
  outputTokens: number
  cachedTokens?: number | undefined
}

/** What a call cost, in micro-dollars, rounded up; null when the price is not known. */
export function costOf(
  price: ModelPrice | null,
  { inputTokens, outputTokens, cachedTokens = 0 }: Tokens,
): number | null {
  if (!price) return null
  const { input, output, cached } = price.above && inputTokens > price.above.tokens ? price.above : price
  const fresh = Math.max(0, inputTokens - cachedTokens)
  return Math.ceil((fresh * input + cachedTokens * cached + outputTokens * output) / 1e6)
}
