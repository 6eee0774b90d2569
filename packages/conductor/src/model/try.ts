import { modelError } from './error.ts'
import type { Model } from './model.ts'

const patienceMs = 30_000

/**
 * Shows by one small call that a model answers.
 * @throws SpoqError `model_refused` or `model_failed`, in the provider's words.
 */
export async function tryModel({ language, secret }: Model): Promise<void> {
  const { generateText } = await import('ai')
  try {
    await generateText({
      model: language,
      prompt: 'Answer with the word ok.',
      maxOutputTokens: 16,
      maxRetries: 0,
      abortSignal: AbortSignal.timeout(patienceMs),
    })
  } catch (error) {
    throw modelError(error, false, secret)
  }
}
