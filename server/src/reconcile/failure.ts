// What becomes of an action that the provider did not do.

import { ProviderError } from '@spoq/providers'
import { backoffMs } from '../backoff.ts'
import { textOf } from '../log.ts'
import type { Deed } from './act/act.ts'
import { fail } from './act/fail.ts'
import { isStart } from './plan.ts'
import { type Step, write } from './step.ts'

/** Writes why it failed and when it is tried again; what the provider refuses to make or start is given up at once. */
export async function noteFailure(step: Step, deed: Deed, error: unknown): Promise<void> {
  const message = messageOf(error)
  const { id: machine, attempts } = step.row
  step.log('warn', 'machine.try-failed', { machine, action: deed.kind, attempts, error: textOf(error) })
  const known = error instanceof ProviderError ? error : undefined
  // Where nothing can have been made, nothing has to surface before the next try.
  const sent =
    deed.kind === 'create' ? { create_sent_at: known?.undone ? null : new Date(await step.databaseNow()) } : {}
  if (known?.kind === 'refused' && isStart(deed)) {
    if (deed.kind === 'create') await write(step, sent)
    return fail(step, { message })
  }
  await write(step, {
    ...said(step, message),
    next_attempt_at: new Date(step.now() + pauseAfter(error, backoffMs(attempts))),
    ...sent,
  })
}

/** What is left behind on a server is said for ever, whatever fails after it. */
export const said = ({ row }: Step, error_message: string) =>
  row.error_code === 'server_not_cleaned' ? {} : ({ error_code: 'provider_failed', error_message } as const)

/** Milliseconds until the next try: at least so many, and as long as was asked for. */
export const pauseAfter = (error: unknown, leastMs: number): number =>
  Math.max(leastMs, (error instanceof ProviderError && error.retryAfterMs) || 0)

/** A provider's own words are meant for the owner; those of anything else may hold what is not. */
export const messageOf = (error: unknown): string =>
  error instanceof ProviderError ? error.message : 'The provider failed in an unexpected way.'
