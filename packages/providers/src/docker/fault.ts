// What it means when the Engine does not do as it is asked.

import { ProviderError } from '../provider.ts'

/** The status and the words of a refusal; null when there was no answer. */
export function refusalOf(error: unknown): { status: number; message: string } | null {
  const { statusCode, json, reason, message } = error as Record<string, unknown>
  if (typeof statusCode !== 'number') return null
  const said = (json as { message?: unknown } | undefined)?.message ?? reason ?? message
  return { status: statusCode, message: String(said).replace(/\s+/g, ' ').trim().slice(0, 300) }
}

/** For `catch`: null for refusals with one of these statuses. */
export const unlessStatus =
  (...statuses: number[]) =>
  (error: unknown): null => {
    if (statuses.includes(refusalOf(error)?.status ?? 0)) return null
    throw error
  }

/**
 * Asks the Engine. @throws ProviderError.
 * `isHarmless`: nothing can have been done when no answer comes.
 */
export async function asking<T>(question: () => Promise<T>, { isHarmless = false } = {}): Promise<T> {
  try {
    return await question()
  } catch (error) {
    throw error instanceof ProviderError ? error : faultOf(error, isHarmless)
  }
}

/** The same, and null for what is not there. */
export async function lookedUp<T>(question: () => Promise<T>): Promise<T | null> {
  return asking(() => question().catch(unlessStatus(404)), { isHarmless: true })
}

function faultOf(error: unknown, isHarmless: boolean): ProviderError {
  const refusal = refusalOf(error)
  if (!refusal) return unanswered(error, isHarmless)
  const { status, message } = refusal
  if (status === 404) return new ProviderError('gone', `Docker has no such thing (${message}).`)
  if (status === 409 || status >= 500)
    return new ProviderError('retry', `Docker cannot do it now (${message}).`, { undone: isHarmless })
  return new ProviderError('refused', `Docker says no: ${message}`)
}

/** Before a connection came about nothing can have been done; after that nobody knows. */
function unanswered(error: unknown, isHarmless: boolean): ProviderError {
  const { code } = error as NodeJS.ErrnoException
  if (code === 'EACCES')
    return new ProviderError('refused', 'Docker refuses: whoever runs this server may not use its socket.')
  const isUnsent = code === 'ECONNREFUSED' || code === 'ENOENT' || code === 'ENOTFOUND'
  const what = isUnsent ? 'cannot be reached' : 'did not answer to the end'
  return new ProviderError('retry', `Docker ${what}.`, { cause: error, undone: isUnsent || isHarmless })
}
