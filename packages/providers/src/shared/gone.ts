import { ProviderError } from '../provider.ts'

/** What is asked for; null where there is no such thing. */
export async function unlessGone<T>(asked: Promise<T>): Promise<T | null> {
  return asked.catch(error => {
    if (error instanceof ProviderError && error.kind === 'gone') return null
    throw error
  })
}
