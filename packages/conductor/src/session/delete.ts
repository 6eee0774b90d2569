import { SpoqError } from '@spoq/contracts/problem'
import type { Sessions } from './sessions.ts'

interface Wanted {
  /** Stops a turn that has not ended first. */
  force: boolean
  by: string
}

/**
 * Deletes a session: its events, its place in the index and in the list, what was kept to take its edits back. Who reads
 * it comes to the end.
 * @throws SpoqError `session_not_found`, `session_busy`, `disk_full`; the session is there then.
 */
export async function deleteSession(sessions: Sessions, session: string, { force, by }: Wanted): Promise<void> {
  const { store, turns, checkpoints } = sessions
  store.get(session)
  // While one thing is waited for, another question may come; between the last look and the deletion nothing can.
  for (;;) {
    if (!force && store.openTurns(session).length > 0) throw new SpoqError('session_busy')
    if (!turns.forget(session)) await stop(sessions, session, by)
    else if (checkpoints.lastTurn(session) !== null) await checkpoints.forget(session)
    else return store.delete(session)
  }
}

/** A full disk is a reason to delete: the turn has stopped then, only its end is not written. */
async function stop({ turns }: Sessions, session: string, by: string): Promise<void> {
  try {
    await turns.abort(session, by)
  } catch (error) {
    if (!(error instanceof SpoqError && error.code === 'disk_full')) throw error
  }
}
