import type { SessionMatch } from '@spoq/contracts/session'
import type { Sessions } from './sessions.ts'

/** Finds the questions and answers that hold all of the words, the best match first. */
export function search({ store }: Sessions, words: string, limit: number): SessionMatch[] {
  return store.search(words, limit)
}
