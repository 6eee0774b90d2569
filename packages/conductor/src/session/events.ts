import { SpoqError } from '@spoq/contracts/problem'
import type { SessionEvent } from '@spoq/contracts/session'
import type { EventLog } from '../log/index.ts'
import { endTypes } from '../turn/event.ts'
import { shown, type TurnEvent } from '../turn/index.ts'
import type { Sessions } from './sessions.ts'

interface Wanted {
  session: string
  after: number
  /** Ends after the last event of this turn; without it, never. */
  turn: string | undefined
  signal: AbortSignal
}

/**
 * Streams a session's events after an id: those that are there, then those to come, each once.
 * @throws SpoqError `session_not_found`; `not_found` for a turn of another session; `disk_full` when a turn's end could
 * not be written and there is nothing more to read.
 */
export function events(sessions: Sessions, log: EventLog, wanted: Wanted): AsyncIterable<SessionEvent> {
  const { store, turns } = sessions
  const { session, after, turn, signal } = wanted
  store.get(session)
  const end = turn === undefined ? undefined : endOf(store.events(session), turn)
  if (end !== undefined && end <= after) return none()
  try {
    turns.settle(session)
  } catch (full) {
    if (store.lastEvent(session) <= after) throw full
    return history(store.events(session, after), session)
  }
  const stored = log.follow(session, after, AbortSignal.any([signal, turns.trouble()])) as AsyncIterable<TurnEvent>
  return untilEnd(stored, session, turn)
}

/** The id of a turn's last event; undefined while it goes on. */
function endOf(all: readonly TurnEvent[], turn: string): number | undefined {
  const own = all.filter(event => event.turn === turn)
  if (own.length === 0) throw new SpoqError('not_found', { message: `There is no turn ${turn} in this session.` })
  return own.find(({ body }) => endTypes.has(body.type))?.id
}

async function* untilEnd(
  stored: AsyncIterable<TurnEvent>,
  session: string,
  turn: string | undefined,
): AsyncGenerator<SessionEvent> {
  for await (const event of stored) {
    yield shown(session, event)
    if (event.turn === turn && endTypes.has(event.body.type)) return
  }
}

async function* history(all: readonly TurnEvent[], session: string): AsyncGenerator<SessionEvent> {
  for (const event of all) yield shown(session, event)
}

async function* none(): AsyncGenerator<SessionEvent> {}
