import { vendorCalls } from '@spoq/kit/model-vendor'
import type { Reached, VendorKind } from './vendor.ts'

/** Any address that speaks OpenAI's chat completions. */
export const openAiCompatible: VendorKind = {
  ...vendorCalls['openai-compatible'],
  needsKey: false,
  open: chatCompletions,
  // Nobody can know; the form has a place for images, and a model that takes none says so.
  takesImages: async () => true,
}

/** Opens a model by chat completions. Nothing is called yet. */
export async function chatCompletions({ url, key, fetch }: Reached, model: string) {
  const { createOpenAICompatible } = await import('@ai-sdk/openai-compatible')
  const keyed = key ? { apiKey: key } : {}
  const provider = createOpenAICompatible({
    name: 'openai-compatible',
    baseURL: url,
    includeUsage: true,
    fetch,
    ...keyed,
  })
  return provider.chatModel(model)
}
