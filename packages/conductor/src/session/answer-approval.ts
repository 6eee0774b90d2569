import { SpoqError } from '@spoq/contracts/problem'
import { endTypes } from '../turn/event.ts'
import type { Sessions } from './sessions.ts'

interface Answer {
  session: string
  approval: string
  decision: 'allow' | 'deny'
  by: string
}

/**
 * Answers an approval; the turn goes on, also one that was parked before a restart.
 * @throws SpoqError `session_not_found`, `approval_not_found`; `approval_answered` the second time, or when the turn has
 * ended.
 */
export function answerApproval({ store, turns }: Sessions, { session, approval, decision, by }: Answer): void {
  store.get(session)
  const all = store.events(session)
  const turn = all.find(({ body }) => body.type === 'approval.requested' && body.approval === approval)?.turn
  if (!turn) throw new SpoqError('approval_not_found')
  const own = all.filter(event => event.turn === turn)
  if (own.some(({ body }) => body.type === 'approval.answered' && body.approval === approval))
    throw new SpoqError('approval_answered')
  if (own.some(({ body }) => endTypes.has(body.type)))
    throw new SpoqError('approval_answered', { message: 'The turn that asked for it has ended.' })
  store.append(session, turn, [{ type: 'approval.answered', approval, decision, by }])
  turns.wake(session)
}
