import type { Session } from '@spoq/contracts/session'
import type { Sessions } from './sessions.ts'
import { described } from './show.ts'

/** Lists the sessions used last, the newest first; those whose id begins with the prefix. */
export function list(sessions: Sessions, limit: number, prefix?: string): Session[] {
  return sessions.store.list(limit, prefix).map(row => described(sessions, row))
}
