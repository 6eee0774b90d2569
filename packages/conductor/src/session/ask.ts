import { createHash } from 'node:crypto'
import { SpoqError } from '@spoq/contracts/problem'
import { type Accepted, maxQuestionBytes, type Question } from '@spoq/contracts/session'
import { isOnCredit } from '../model/index.ts'
import { assertImages } from './images.ts'
import type { Sessions } from './sessions.ts'
import type { AskKey } from './store.ts'

/**
 * Accepts a question: once this answers, the turn is in the log and the machine's own business.
 * @param key who asks and under which idempotency key: a question with a key that was there before is not asked again.
 * @throws SpoqError `session_not_found`, `no_model`, `key_missing`, `no_images`, `too_large`, `idempotency_mismatch`,
 * `messages_used_up`, `disk_full`; nothing is written then.
 */
export async function ask(
  { store, turns, models, newId }: Sessions,
  question: Question,
  key?: { by: string; key: string },
): Promise<Accepted> {
  assertSize(question)
  const once = key && askKey(question, key)
  const before = once && store.asked(once)
  if (before) return before
  const kept = question.session ? store.get(question.session).mode : 'ask'
  if (question.session) turns.settle(question.session)
  const model = question.model ?? null
  const answering = await models.choose(model)
  await assertImages(question.attachments, answering)
  const accepted = store.queue({
    session: question.session ?? newId('sess'),
    isNew: question.session === undefined,
    turn: newId('turn'),
    body: {
      type: 'turn.queued',
      question: question.question,
      attachments: question.attachments,
      model,
      client: question.client ?? null,
      approve: question.approve,
      mode: question.mode ?? kept,
    },
    onCredit: isOnCredit(answering),
    key: once,
  })
  turns.wake(accepted.session)
  return accepted
}

/** Keys of different callers have nothing to do with each other. */
function askKey(question: Question, { by, key }: { by: string; key: string }): AskKey {
  if (!/^[\w.:-]{8,64}$/.test(key))
    throw new SpoqError('invalid_request', { message: 'An idempotency key has 8 to 64 letters, digits and . : _ -' })
  return { key: `${by} ${key}`, hash: createHash('sha256').update(JSON.stringify(question)).digest('hex') }
}

function assertSize({ question, attachments }: Question): void {
  const bytes = [question, ...attachments.map(({ text, media }) => media?.data ?? text)].reduce(
    (sum, text) => sum + Buffer.byteLength(text),
    0,
  )
  if (bytes > maxQuestionBytes)
    throw new SpoqError('too_large', {
      message: `The question with its attachments has ${bytes} bytes; ${maxQuestionBytes} are allowed.`,
      next: 'Attach less: -f file:10-200 sends a part of a file.',
    })
}
