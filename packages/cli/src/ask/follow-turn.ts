// Follows one turn to its end: shows each event once, answers what the machine asks this computer for.

import { call } from '@spoq/client/call'
import { follow } from '@spoq/client/stream'
import { SpoqError } from '@spoq/contracts/problem'
import { abortTurn, type SessionEvent, sessionEvents, turnEnds } from '@spoq/contracts/session'
import { isReaderGone } from '../render/writer.ts'
import { pendingApprovals } from './approval.ts'
import { answerFrom, type ClientFiles } from './client-request.ts'
import type { Leaving, TurnContext } from './context.ts'

export interface Turn {
  session: string
  turn: string
  /** Show the events after this one. */
  after: number
  /** The turn's events up to this one are history: what they asked for may have been answered since. */
  past: number
  /** Answers the machine's questions about this computer's files; null when it offers none. */
  files: ClientFiles | null
}

/**
 * Follows the turn that `start` answers to its end. Ctrl-C once stops the turn, twice leaves it; when the reader of
 * stdout is gone it ends quietly, and the turn goes on.
 * Answers what the turn failed with, which its last event said already; null when it is done.
 * @throws SpoqError `interrupted`, `approval_needed`, `machine_unreachable`.
 */
export async function followTurn(
  context: TurnContext,
  start: (signal: AbortSignal) => Promise<Turn>,
): Promise<SpoqError | null> {
  const controller = new AbortController()
  const leave = (reason?: unknown) => controller.abort(reason)
  const leaving = { signal: AbortSignal.any([controller.signal, context.view.failed]), leave }
  const starting = start(leaving.signal)
  const interrupt = stopThenLeave(context, starting, leaving)
  const forget = context.interrupts(interrupt)
  try {
    return failureOf(await toTheEnd(context, await starting, interrupt, leaving))
  } catch (error) {
    const reason: unknown = leaving.signal.aborted ? leaving.signal.reason : error
    if (isReaderGone(reason)) return null
    throw reason
  } finally {
    forget()
    leave()
    await context.view.end()
  }
}

async function toTheEnd(
  context: TurnContext,
  turn: Turn,
  interrupt: () => void,
  leaving: Leaving,
): Promise<SessionEvent> {
  const { target, view } = context
  const { session, files } = turn
  const approvals = pendingApprovals(context, session, interrupt, leaving)
  const answers: Promise<void>[] = []
  const events = follow(target, sessionEvents, {
    params: { session },
    query: { turn: turn.turn },
    after: turn.after,
    isLast: event => isEnd(event, turn.turn),
    signal: leaving.signal,
  })
  let last: SessionEvent | undefined
  for await (const event of events) {
    if (event.turn !== turn.turn) continue
    view.show(event)
    approvals.note(event)
    if (event.type === 'client.request' && files) answers.push(answerFrom(files, target, event, leaving))
    if (event.id >= turn.past) approvals.ask()
    await view.ready()
    last = event
  }
  await Promise.all(answers)
  if (!last) throw new SpoqError('machine_unreachable')
  return last
}

const isEnd = (event: SessionEvent, turn: string) =>
  event.turn === turn && (turnEnds as readonly string[]).includes(event.type)

function failureOf(event: SessionEvent): SpoqError | null {
  if (event.type === 'turn.error') return new SpoqError(event.code, { message: event.message, next: event.next })
  return event.type === 'turn.aborted' ? new SpoqError('turn_aborted') : null
}

function stopThenLeave({ target, view }: TurnContext, starting: Promise<Turn>, { signal, leave }: Leaving): () => void {
  let times = 0
  return () => {
    if (++times > 1) return leave(new SpoqError('interrupted', { next: 'The machine was told to stop the turn.' }))
    view.note('Stopping the turn. Ctrl-C again leaves at once.')
    starting.then(({ session }) => call(target, abortTurn, { params: { session }, signal })).catch(leave)
  }
}
