import { SpoqError } from '@spoq/contracts/problem'
import type { Sessions } from './sessions.ts'

interface Wanted {
  /** Stops a turn that has not ended first. */
  force: boolean
  by: string
}

/**
 * Deletes a session: its events, its place in the index and in the list. Who reads it comes to the end.
 * @throws SpoqError `session_not_found`, `session_busy`, `disk_full`; nothing is deleted then.
 */
export async function deleteSession({ store, turns }: Sessions, session: string, { force, by }: Wanted): Promise<void> {
  store.get(session)
  if (!force && store.openTurns(session).length > 0) throw new SpoqError('session_busy')
  // Another question may come while a turn is being stopped, and then there is one more to stop.
  while (!turns.forget(session)) await stop({ turns }, session, by)
  store.delete(session)
}

/** A full disk is a reason to delete: the turn has stopped then, only its end is not written. */
async function stop({ turns }: Pick<Sessions, 'turns'>, session: string, by: string): Promise<void> {
  try {
    await turns.abort(session, by)
  } catch (error) {
    if (!(error instanceof SpoqError && error.code === 'disk_full')) throw error
  }
}
