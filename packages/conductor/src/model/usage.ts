import type { Usage } from '@spoq/contracts/session'
import type { LanguageModelUsage } from 'ai'

/** The SDK's count in ours; what a vendor does not tell counts as none. */
export function usageOf({ inputTokens = 0, outputTokens = 0, inputTokenDetails }: LanguageModelUsage): Usage {
  const cachedTokens = inputTokenDetails?.cacheReadTokens ?? 0
  return { inputTokens, outputTokens, ...(cachedTokens > 0 ? { cachedTokens } : {}) }
}
