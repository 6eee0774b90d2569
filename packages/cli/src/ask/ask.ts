// `spoq ask`: sends a question with what was named, and follows its turn.

import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { call } from '@spoq/client/call'
import type { Target } from '@spoq/client/target'
import { SpoqError } from '@spoq/contracts/problem'
import { ask, type QuestionInput, showSession } from '@spoq/contracts/session'
import { useInWords } from '../plan/message-use.ts'
import type { ClientFiles } from './client-request.ts'
import type { TurnContext } from './context.ts'
import { followTurn } from './follow-turn.ts'

/**
 * Asks, and shows the turn to its end. `files` answers what the machine wants to know of this computer; null offers
 * nothing. For what it answers and throws see `followTurn`.
 */
export async function askQuestion(
  context: TurnContext,
  question: QuestionInput,
  files: ClientFiles | null,
): Promise<SpoqError | null> {
  return followTurn(context, async signal => {
    if (question.session) await tellQueue(context, question.session)
    const { session, turn, after, messages } = await askOnce(context.target, question, signal)
    if (messages) context.view.note(`· messages of this month: ${useInWords(messages)}`)
    return { session, turn, after, past: 0, files }
  })
}

/** A question whose answer is lost is sent again under the same key: the machine asks it once. */
async function askOnce(target: Target, body: QuestionInput, signal: AbortSignal) {
  const idempotencyKey = randomUUID()
  for (let failures = 0; ; failures++) {
    try {
      return await call(target, ask, { body, idempotencyKey, signal })
    } catch (error) {
      if (failures >= mostFailures || !isLost(error)) throw error
      await sleep(Math.min(100 * 2 ** failures, 2_000), undefined, { signal })
    }
  }
}

const mostFailures = 4

/** Something took the request and no answer came. Where nothing listens, nothing is waited for. */
function isLost(error: unknown): boolean {
  if (!(error instanceof SpoqError) || error.code !== 'machine_unreachable') return false
  const { code } = (error.cause ?? {}) as NodeJS.ErrnoException
  return code !== undefined && lostCodes.includes(code)
}

const lostCodes = ['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET', 'UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT']

/** A question to a session whose turn runs or waits is queued: nobody shall wonder why nothing comes. */
async function tellQueue({ target, view, comeBack }: TurnContext, session: string): Promise<void> {
  const { state } = await call(target, showSession, { params: { session } })
  if (state === 'running') view.note('· another turn of this session runs; yours comes after it')
  if (state === 'waiting') view.note(`· queued: this session waits for an approval. Answer it: ${comeBack(session)}`)
}
