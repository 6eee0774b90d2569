// What becomes of an action that the provider did not do.

import { ProviderError } from '@spoq/providers'
import { textOf } from '../log.ts'
import type { Deed } from './act/act.ts'
import { fail } from './act/fail.ts'
import { backoffMs, isStart } from './plan.ts'
import { type Step, write } from './step.ts'

/** Writes why it failed and when it is tried again; what the provider refuses to make or start is given up at once. */
export async function noteFailure(step: Step, deed: Deed, error: unknown): Promise<void> {
  const message = messageOf(error)
  const { id: machine, attempts } = step.row
  step.log('warn', 'machine.try-failed', { machine, action: deed.kind, attempts, error: textOf(error) })
  const refused = error instanceof ProviderError && error.kind === 'refused'
  if (refused && deed.kind === 'create') await write(step, { create_sent_at: null })
  if (refused && isStart(deed)) return fail(step, { message })
  await write(step, {
    error_code: 'provider_failed',
    error_message: message,
    next_attempt_at: new Date(step.now() + pauseMs(attempts, error)),
    // It may have been made all the same, at any moment until now.
    ...(deed.kind === 'create' ? { create_sent_at: new Date(await step.databaseNow()) } : {}),
  })
}

const pauseMs = (attempts: number, error: unknown): number =>
  Math.max(backoffMs(attempts), (error instanceof ProviderError && error.retryAfterMs) || 0)

/** A provider's own words are meant for the owner; those of anything else may hold what is not. */
export const messageOf = (error: unknown): string =>
  error instanceof ProviderError ? error.message : 'The provider failed in an unexpected way.'
