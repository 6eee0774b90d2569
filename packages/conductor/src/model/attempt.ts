// Tries a call again, and then the next model of the list; only as long as nothing was answered.

import { setTimeout as sleep } from 'node:timers/promises'
import { ModelFailure } from './error.ts'
import type { Model } from './model.ts'

export interface Attempts {
  /** Times that a call is repeated with the same model. */
  retries: number
  /** Waits, or throws the signal's reason. */
  wait: (ms: number, signal: AbortSignal) => Promise<unknown>
  /** From 0 to 1. */
  random: () => number
}

export const usualAttempts: Attempts = {
  retries: 2,
  wait: (ms, signal) => sleep(ms, undefined, { signal }),
  random: Math.random,
}

const firstWaitMs = 500
/** Who asks for more than that is not waited for. */
const longestWaitMs = 30_000

/**
 * Calls the first model of the line; what fails and may go better is tried again, with a pause that the vendor asked for
 * or that doubles with jitter, and then with the next model. `fellBack` is told of each such step.
 * @throws ModelFailure of the last try; the signal's reason.
 */
export async function attempt<T>(
  line: readonly Model[],
  call: (model: Model) => Promise<T>,
  signal: AbortSignal,
  attempts: Attempts,
  fellBack: (from: Model, to: Model, reason: string) => void,
): Promise<T> {
  for (const [index, model] of line.entries()) {
    try {
      return await withRetries(() => call(model), signal, attempts)
    } catch (error) {
      const next = line[index + 1]
      if (!next || !(error instanceof ModelFailure) || error.remedy === 'end') throw error
      signal.throwIfAborted()
      fellBack(model, next, error.message)
    }
  }
  throw new Error('there is no model in the line')
}

async function withRetries<T>(call: () => Promise<T>, signal: AbortSignal, attempts: Attempts): Promise<T> {
  const { retries, wait, random } = attempts
  for (let tried = 0; ; tried++) {
    try {
      return await call()
    } catch (error) {
      if (!(error instanceof ModelFailure) || error.remedy !== 'retry' || tried >= retries) throw error
      // The vendor's own wish is kept; a little more, so that not all come back in the same moment.
      const asked = error.waitMs === null ? 0 : error.waitMs + random() * firstWaitMs
      const ms = error.waitMs === null ? (0.5 + random() / 2) * firstWaitMs * 2 ** tried : asked
      if (ms > longestWaitMs) throw error
      await wait(ms, signal).catch(reason => {
        signal.throwIfAborted()
        throw reason
      })
    }
  }
}
