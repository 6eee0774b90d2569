import { idempotencyKeyHeader } from '@spoq/contracts/http'
import * as route from '@spoq/contracts/session'
import { lastEventId } from '../http/last-event-id.ts'
import { assertScopes } from '../http/scope.ts'
import type { Serve } from '../http/serve.ts'
import type { EventLog } from '../log/index.ts'
import { abort } from './abort.ts'
import { answerApproval } from './answer-approval.ts'
import { answerRequest } from './answer-request.ts'
import { ask } from './ask.ts'
import { compact } from './compact.ts'
import { deleteSession } from './delete.ts'
import { events } from './events.ts'
import { exported } from './export.ts'
import { list } from './list.ts'
import { search } from './search.ts'
import type { Sessions } from './sessions.ts'
import { show } from './show.ts'
import { undo } from './undo.ts'

/** Binds the session's routes, each to its verb. */
export function sessionRoutes(serve: Serve, sessions: Sessions, log: EventLog): void {
  serve(route.ask, ({ body, header }, { by }) => {
    const key = header(idempotencyKeyHeader)
    return ask(sessions, body, key === undefined ? undefined : { by, key })
  })
  serve(route.listSessions, ({ query }) => ({ sessions: list(sessions, query.limit, query.prefix) }))
  // Before those of one session: `search` is none.
  serve(route.searchSessions, ({ query }) => ({ matches: search(sessions, query.words, query.limit) }))
  serve(route.showSession, ({ params }) => show(sessions, params.session))
  serve(route.sessionEvents, ({ params, query, header, signal }) =>
    events(sessions, log, { ...params, turn: query.turn, after: lastEventId(header, query.after), signal }),
  )
  serve(route.exportSession, ({ params, query, header }) =>
    exported(sessions, log, params.session, lastEventId(header, query.after)),
  )
  serve(route.deleteSession, ({ params, query }, { by }) =>
    deleteSession(sessions, params.session, { force: query.force === 'true', by }),
  )
  serve(route.answerApproval, ({ params, body }, { by, scopes }) => {
    // A kept answer is a rule, and rules are for those who may change the machine.
    if (body.scope !== 'once') assertScopes(['machine:write'], scopes)
    return answerApproval(sessions, { ...params, ...body, by })
  })
  serve(route.answerClientRequest, ({ params, body }) => answerRequest(sessions, { ...params, ...body }))
  serve(route.compactSession, ({ params, signal }) => compact(sessions, params.session, signal))
  serve(route.undoEdits, ({ params, body }, { by }) => undo(sessions, { ...params, ...body, by }))
  serve(route.abortTurn, ({ params }, { by }) => abort(sessions, params.session, by))
}
