import type { ExportedEvent } from '@spoq/contracts/session'
import type { EventLog } from '../log/index.ts'
import type { Sessions } from './sessions.ts'

/** Events read at once: a long session shall not stand in memory as a whole. */
const page = 256

/** Gives what the log holds of a session after an id, up to what is the newest now. @throws SpoqError `session_not_found`. */
export function exported({ store }: Sessions, log: EventLog, session: string, after: number) {
  store.get(session)
  return upTo(log, session, after, store.lastEvent(session))
}

async function* upTo(log: EventLog, session: string, after: number, last: number): AsyncGenerator<ExportedEvent> {
  for (let from = after; from < last; ) {
    const events = log.read(session, from, Math.min(page, last - from))
    if (events.length === 0) return
    for (const event of events) yield event as ExportedEvent
    from = events.at(-1)?.id ?? last
  }
}
