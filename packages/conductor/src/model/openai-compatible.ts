import type { Model } from './model.ts'

/** Where a model answers in the form of OpenAI's chat completions, and as whom it is asked. */
export interface Endpoint {
  /** Up to and with `/v1`. */
  url: string
  model: string
  key?: string | undefined
}

/** Opens a model behind any OpenAI-compatible address. Nothing is called yet. */
export async function openAiCompatible({ url, model, key }: Endpoint): Promise<Model> {
  // Loaded with the first model: an idle Conductor has no use for it.
  const { createOpenAICompatible } = await import('@ai-sdk/openai-compatible')
  const provider = createOpenAICompatible({
    name: 'openai-compatible',
    baseURL: url.replace(/\/+$/, ''),
    includeUsage: true,
    ...(key ? { apiKey: key } : {}),
  })
  return { name: model, language: provider.chatModel(model), secret: key ?? null }
}
