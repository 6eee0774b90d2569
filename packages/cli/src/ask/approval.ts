// What the agent may not do by itself: a person decides here, or somewhere else.

import { call } from '@spoq/client/call'
import { SpoqError } from '@spoq/contracts/problem'
import { answerApproval, type SessionEvent } from '@spoq/contracts/session'
import { oneLine, visible } from '../render/visible.ts'
import type { Leaving, TurnContext } from './context.ts'

type Requested = SessionEvent & { type: 'approval.requested' }

/**
 * Keeps the approvals of a turn that wait for an answer. `note` takes every event; `ask` brings what waits to the
 * person, one after the other. Ctrl-C at the question is `interrupt`; what goes wrong there is given to `leaving`.
 */
export function pendingApprovals(context: TurnContext, session: string, interrupt: () => void, leaving: Leaving) {
  const waiting = new Map<string, Requested>()
  const asked = new Map<string, AbortController>()
  let queue = Promise.resolve()

  function note(event: SessionEvent): void {
    if (event.type === 'approval.requested') waiting.set(event.approval, event)
    if (event.type !== 'approval.answered') return
    waiting.delete(event.approval)
    asked.get(event.approval)?.abort()
  }

  function ask(): void {
    for (const [id, request] of waiting) {
      waiting.delete(id)
      if (!context.decide) throw needed(context, request)
      const answered = new AbortController()
      asked.set(id, answered)
      const signal = AbortSignal.any([answered.signal, leaving.signal])
      queue = queue
        .then(() => settle(context, session, request, signal))
        .catch(error => (isInterrupt(error) ? interrupt() : leaving.leave(error)))
    }
  }

  return { note, ask }
}

async function settle(context: TurnContext, session: string, request: Requested, signal: AbortSignal): Promise<void> {
  if (signal.aborted || !context.decide) return
  try {
    const { title, reason, diff, rule } = request
    const shown = { title: oneLine(title), reason: oneLine(reason), diff: diff && visible(diff), rule: oneLine(rule) }
    const body = await context.decide(shown, signal)
    const params = { session, approval: request.approval }
    await call(context.target, answerApproval, { params, body, signal })
  } catch (error) {
    if (!signal.aborted && !isSettledElsewhere(error)) throw error
  }
}

const isSettledElsewhere = (error: unknown) =>
  error instanceof SpoqError && (error.code === 'approval_answered' || error.code === 'approval_not_found')

/** A prompt takes Ctrl-C for itself and throws this. */
const isInterrupt = (error: unknown) =>
  (error as Error).name === 'ExitPromptError' || (error instanceof SpoqError && error.code === 'interrupted')

function needed({ comeBack }: TurnContext, { session, title }: Requested): SpoqError {
  return new SpoqError('approval_needed', {
    message: `The turn of ${session} waits for an approval: ${oneLine(title)}`,
    next: `Answer it on a terminal: ${comeBack(session)}. Or decide beforehand with --approve.`,
  })
}
