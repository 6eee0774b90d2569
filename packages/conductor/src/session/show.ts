import type { Session } from '@spoq/contracts/session'
import type { Sessions } from './sessions.ts'
import type { SessionRow } from './store.ts'

/** Shows one session. @throws SpoqError `session_not_found`. */
export function show(sessions: Sessions, session: string): Session {
  return described(sessions, sessions.store.get(session))
}

/** Its entry, with what only the log knows. */
export function described({ store, turns }: Sessions, row: SessionRow): Session {
  return { ...row, state: turns.state(row.id), lastEvent: store.lastEvent(row.id) }
}
