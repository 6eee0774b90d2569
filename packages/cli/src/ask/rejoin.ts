// `spoq ask --session ID` without a question: carries on with what runs or waits there, also from another device.

import { call } from '@spoq/client/call'
import { follow } from '@spoq/client/stream'
import type { Target } from '@spoq/client/target'
import { SpoqError } from '@spoq/contracts/problem'
import { listSessions, type Session, sessionEvents, showSession, turnEnds } from '@spoq/contracts/session'
import type { TurnContext } from './context.ts'
import { followTurn } from './follow-turn.ts'

/**
 * Replays the turns of a session that have not ended and follows each to its end; when all have ended, replays the
 * last one. The files of this computer are not offered: the question came from another place. Answers what the last
 * of them failed with.
 * @throws SpoqError `session_not_found`, and all of `followTurn`.
 */
export async function rejoin(context: TurnContext, id: string): Promise<SpoqError | null> {
  const session = await call(context.target, showSession, { params: { session: id } })
  let failure: SpoqError | null = null
  for (const { turn, first, last } of await turnsToShow(context.target, session))
    failure = await followTurn(context, async () => ({ session: id, turn, after: first - 1, past: last, files: null }))
  return failure
}

/** The id of the session that was used last. */
export async function lastSession(target: Target): Promise<string> {
  const { sessions } = await call(target, listSessions, { query: { limit: 1 } })
  const [session] = sessions
  if (session) return session.id
  throw new SpoqError('session_not_found', {
    message: 'There is no session on this machine yet.',
    next: 'Leave --continue out to start one.',
  })
}

interface SeenTurn {
  turn: string
  /** The ids of its first and its latest event. */
  first: number
  last: number
  ended: boolean
}

async function turnsToShow(target: Target, { id, lastEvent }: Session): Promise<SeenTurn[]> {
  if (lastEvent === 0) return []
  const turns = new Map<string, SeenTurn>()
  const isLast = (event: { id: number }) => event.id >= lastEvent
  for await (const event of follow(target, sessionEvents, { params: { session: id }, isLast })) {
    const seen = turns.get(event.turn) ?? { turn: event.turn, first: event.id, last: event.id, ended: false }
    turns.set(event.turn, seen)
    seen.last = event.id
    if ((turnEnds as readonly string[]).includes(event.type)) seen.ended = true
  }
  const all = [...turns.values()]
  const open = all.filter(({ ended }) => !ended)
  return open.length > 0 ? open : all.slice(-1)
}
