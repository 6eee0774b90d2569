import { SpoqError } from '@spoq/contracts/problem'
import { type Accepted, maxQuestionBytes, type Question } from '@spoq/contracts/session'
import type { Sessions } from './sessions.ts'

/**
 * Accepts a question: once this answers, the turn is in the log and the machine's own business.
 * @throws SpoqError `session_not_found`, `no_model`, `too_large`, `disk_full`; nothing is written then.
 */
export async function ask({ store, turns, models, newId }: Sessions, question: Question): Promise<Accepted> {
  assertSize(question)
  const kept = question.session ? store.get(question.session).mode : 'ask'
  if (question.session) turns.settle(question.session)
  const model = question.model ?? null
  await models.choose(model)
  const session = question.session ?? newId('sess')
  const turn = newId('turn')
  const first = store.queue(session, turn, {
    type: 'turn.queued',
    question: question.question,
    attachments: question.attachments,
    model,
    client: question.client ?? null,
    approve: question.approve,
    mode: question.mode ?? kept,
  })
  turns.wake(session)
  return { session, turn, after: first - 1 }
}

function assertSize({ question, attachments }: Question): void {
  const bytes = [question, ...attachments.map(({ text }) => text)].reduce(
    (sum, text) => sum + Buffer.byteLength(text),
    0,
  )
  if (bytes > maxQuestionBytes)
    throw new SpoqError('too_large', {
      message: `The question with its attachments has ${bytes} bytes; ${maxQuestionBytes} are allowed.`,
      next: 'Attach less: -f file:10-200 sends a part of a file.',
    })
}
