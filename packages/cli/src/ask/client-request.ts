// The machine asks the computer that asked: `read`, `glob` or `grep` in its working directory.

import { call } from '@spoq/client/call'
import type { Target } from '@spoq/client/target'
import { SpoqError } from '@spoq/contracts/problem'
import { answerClientRequest, type ClientTool, type SessionEvent } from '@spoq/contracts/session'
import type { Leaving } from './context.ts'

/** Does what one of the laptop's tools does; throws with a message that is meant for the model. */
export type ClientFiles = (tool: ClientTool, input: unknown) => Promise<string>

/** Answers one request. A machine that waits no more for it is no failure; anything else is given to `leaving`. */
export async function answerFrom(
  files: ClientFiles,
  target: Target,
  event: SessionEvent & { type: 'client.request' },
  leaving: Leaving,
): Promise<void> {
  const body = await files(event.tool, event.input).then(
    output => ({ output, failed: false }),
    (error: Error) => ({ output: error.message, failed: true }),
  )
  try {
    const params = { session: event.session, request: event.request }
    await call(target, answerClientRequest, { params, body, signal: leaving.signal })
  } catch (error) {
    if (!isTooLate(error)) leaving.leave(error)
  }
}

const isTooLate = (error: unknown) => error instanceof SpoqError && error.code === 'request_not_found'
