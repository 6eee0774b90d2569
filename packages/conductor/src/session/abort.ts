import type { Sessions } from './sessions.ts'

/** Stops a session's running turn and those queued behind it. @throws SpoqError `session_not_found`, `disk_full`. */
export async function abort({ store, turns }: Sessions, session: string, by: string): Promise<void> {
  store.get(session)
  await turns.abort(session, by)
}
