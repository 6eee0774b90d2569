import type { Session } from '@spoq/contracts/session'
import type { Sessions } from './sessions.ts'
import { described } from './show.ts'

/** Lists the sessions used last, the newest first. */
export function list(sessions: Sessions, limit: number): Session[] {
  return sessions.store.list(limit).map(row => described(sessions, row))
}
