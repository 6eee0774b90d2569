import { call } from '@spoq/client/call'
import type { Target } from '@spoq/client/target'
import { listSessions } from '@spoq/contracts/session'
import { wholeId } from '../short-id.ts'

/** The session that is meant by its id or the beginning of it. @throws SpoqError `session_not_found`, `ambiguous_id`. */
export function findSession(target: Target, typed: string): Promise<string> {
  return wholeId('sess', typed, 'session_not_found', async prefix => {
    const { sessions } = await call(target, listSessions, { query: { prefix, limit: 5 } })
    return sessions.map(({ id }) => id)
  })
}
