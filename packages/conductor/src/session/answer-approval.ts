import { SpoqError } from '@spoq/contracts/problem'
import type { Decision, Scope } from '@spoq/contracts/session'
import { endTypes, type RequestedBody, type TurnEvent } from '../turn/event.ts'
import type { Sessions } from './sessions.ts'

interface Answer {
  session: string
  approval: string
  decision: Decision
  scope: Scope
  by: string
}

/**
 * Answers an approval, and keeps the answer as a rule for longer than once; the turn goes on, also one that was parked
 * before a restart. Of two answers at the same moment the first counts.
 * @throws SpoqError `session_not_found`, `approval_not_found`; `approval_answered` the second time, or when the turn has
 * ended; `approval_once_only` for a scope where no rule can be kept.
 */
export function answerApproval(sessions: Sessions, { session, approval, decision, scope, by }: Answer): void {
  const { store, turns, transaction } = sessions
  store.get(session)
  // Nothing waits in here: no other answer comes in between.
  const { request, turn } = pending(store.events(session), approval)
  if (scope !== 'once' && request.rule === '') throw new SpoqError('approval_once_only')
  transaction(() => {
    store.append(session, turn, [{ type: 'approval.answered', approval, decision, by, scope }])
    keep(sessions, session, request, { decision, scope, by })
  })
  turns.wake(session)
}

function pending(all: readonly TurnEvent[], approval: string): { request: RequestedBody; turn: string } {
  const asked = all.find(({ body }) => body.type === 'approval.requested' && body.approval === approval)
  if (!asked) throw new SpoqError('approval_not_found')
  const own = all.filter(event => event.turn === asked.turn)
  if (own.some(({ body }) => body.type === 'approval.answered' && body.approval === approval))
    throw new SpoqError('approval_answered')
  if (own.some(({ body }) => endTypes.has(body.type)))
    throw new SpoqError('approval_answered', { message: 'The turn that asked for it has ended.' })
  return { request: asked.body as RequestedBody, turn: asked.turn }
}

function keep(
  { rules }: Sessions,
  session: string,
  { rule, folder = '' }: RequestedBody,
  { decision, scope, by }: Pick<Answer, 'decision' | 'scope' | 'by'>,
): void {
  if (scope === 'once') return
  const where = { session: scope === 'session' ? session : null, folder: scope === 'project' ? folder : null }
  rules.add({ effect: decision, rule, scope, ...where, by })
}
