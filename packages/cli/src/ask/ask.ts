// `spoq ask`: sends a question with what was named, and follows its turn.

import { call } from '@spoq/client/call'
import type { SpoqError } from '@spoq/contracts/problem'
import { ask, type QuestionInput, showSession } from '@spoq/contracts/session'
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
    const { session, turn, after } = await call(context.target, ask, { body: question, signal })
    return { session, turn, after, past: 0, files }
  })
}

/** A question to a session whose turn runs or waits is queued: nobody shall wonder why nothing comes. */
async function tellQueue({ target, view, comeBack }: TurnContext, session: string): Promise<void> {
  const { state } = await call(target, showSession, { params: { session } })
  if (state === 'running') view.note('· another turn of this session runs; yours comes after it')
  if (state === 'waiting') view.note(`· queued: this session waits for an approval. Answer it: ${comeBack(session)}`)
}
