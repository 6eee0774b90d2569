import type { Usage } from '@spoq/contracts/session'
import { modelError } from './error.ts'
import type { Model } from './model.ts'
import { aiSdk } from './sdk.ts'
import { usageOf } from './usage.ts'

const patienceMs = 30_000
/** OpenAI takes no less than 16; a model that thinks first needs some for that. */
const outputTokens = 64

/**
 * Shows by one small call that a model answers, in the form that turns use: a stream.
 * @throws ModelFailure `model_refused` or `model_failed`, in the vendor's words.
 */
export async function tryModel({ language, secret, options }: Model): Promise<Usage> {
  const { streamText } = await aiSdk()
  try {
    const result = streamText({
      model: language,
      prompt: 'Answer with the word ok.',
      maxOutputTokens: outputTokens,
      maxRetries: 0,
      ...(options ? { providerOptions: options } : {}),
      abortSignal: AbortSignal.timeout(patienceMs),
      onError: () => {},
    })
    for await (const part of result.fullStream) {
      if (part.type === 'error') throw part.error
      if (part.type === 'abort') throw new Error(`nothing came for ${patienceMs / 1000} s`)
    }
    return usageOf(await result.usage)
  } catch (error) {
    throw modelError(error, false, secret)
  }
}
