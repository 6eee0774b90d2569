import type { Compacted } from '../turn/index.ts'
import type { Sessions } from './sessions.ts'

/**
 * Summarises a session's earlier turns for the model; a caller that goes away ends it.
 * @throws SpoqError `session_not_found`, `session_busy`, `no_model`, `key_missing`, `model_failed`, `model_refused`,
 * `budget_spent`, `price_unknown`, `disk_full`; the session then stands as before.
 */
export async function compact({ store, turns }: Sessions, session: string, signal: AbortSignal): Promise<Compacted> {
  store.get(session)
  return turns.compact(session, signal)
}
