import * as z from 'zod/mini'
import { nothing, route } from '../http/index.ts'
import { decision, scope } from './approval.ts'
import { sessionEvent, sessionId, turnId } from './event.ts'
import { accepted, exportedEvent, question, session, sessionMatch } from './session.ts'
import { undone } from './undo.ts'

const one = z.object({ session: sessionId })

export const ask = route({
  method: 'post',
  path: '/api/ask',
  summary:
    'Asks a question. Answers at once with the session and the turn; the turn belongs to the machine and goes on by itself. Repeated with the same Idempotency-Key it is asked once.',
  caller: 'member',
  scope: 'machine:use',
  body: question,
  status: 202,
  answer: accepted,
  errors: [
    'session_not_found',
    'no_model',
    'idempotency_mismatch',
    'disk_full',
    'key_missing',
    'no_images',
    'messages_used_up',
  ],
})

export const listSessions = route({
  method: 'get',
  path: '/api/sessions',
  summary: 'Lists the sessions, the one used last first.',
  caller: 'member',
  scope: 'machine:read',
  query: z.object({
    limit: z._default(z.coerce.number().check(z.int(), z.minimum(1), z.maximum(500)), 50),
    /** Only those whose id begins so. */
    prefix: z.optional(z.string().check(z.regex(/^sess_[a-z0-9]{0,32}$/))),
  }),
  status: 200,
  answer: z.object({ sessions: z.array(session) }),
  errors: [],
})

export const searchSessions = route({
  method: 'get',
  path: '/api/sessions/search',
  summary: 'Finds questions and answers that hold all of these words, the best match first.',
  caller: 'member',
  scope: 'machine:read',
  query: z.object({
    words: z.string().check(z.minLength(1), z.maxLength(1000)),
    limit: z._default(z.coerce.number().check(z.int(), z.minimum(1), z.maximum(100)), 20),
  }),
  status: 200,
  answer: z.object({ matches: z.array(sessionMatch) }),
  errors: [],
})

export const showSession = route({
  method: 'get',
  path: '/api/sessions/{session}',
  summary: 'Shows one session.',
  caller: 'member',
  scope: 'machine:read',
  params: one,
  status: 200,
  answer: session,
  errors: ['session_not_found'],
})

export const sessionEvents = route({
  method: 'get',
  path: '/api/sessions/{session}/events',
  summary:
    'Streams the events after Last-Event-ID (or `after`), those to come included. With a `turn`, ends after the last event of that turn.',
  caller: 'member',
  scope: 'machine:read',
  params: one,
  query: z.object({
    after: z.optional(z.coerce.number().check(z.int(), z.minimum(0))),
    turn: z.optional(z.string()),
  }),
  status: 200,
  answer: sessionEvent,
  stream: true,
  errors: ['session_not_found'],
})

export const exportSession = route({
  method: 'get',
  path: '/api/sessions/{session}/export',
  summary: 'Streams all that the log holds of a session, as it is kept, up to its newest event.',
  caller: 'member',
  scope: 'machine:read',
  params: one,
  query: z.object({ after: z.optional(z.coerce.number().check(z.int(), z.minimum(0))) }),
  status: 200,
  answer: exportedEvent,
  stream: true,
  errors: ['session_not_found'],
})

export const deleteSession = route({
  method: 'delete',
  path: '/api/sessions/{session}',
  summary: 'Deletes a session with all that is kept of it. With `force` a turn that has not ended is stopped first.',
  caller: 'member',
  scope: 'machine:use',
  params: one,
  query: z.object({ force: z._default(z.enum(['true', 'false']), 'false') }),
  status: 204,
  answer: nothing,
  errors: ['session_not_found', 'session_busy', 'disk_full'],
})

export const answerApproval = route({
  method: 'post',
  path: '/api/sessions/{session}/approvals/{approval}',
  summary:
    'Answers an approval, once; the turn goes on. With a scope the answer is kept as a rule, which needs machine:write.',
  caller: 'member',
  scope: 'machine:use',
  params: z.object({ session: sessionId, approval: z.string() }),
  body: z.object({ decision, scope: z._default(scope, 'once') }),
  status: 204,
  answer: nothing,
  errors: ['session_not_found', 'approval_not_found', 'approval_answered', 'approval_once_only', 'disk_full'],
})

export const answerClientRequest = route({
  method: 'post',
  path: '/api/sessions/{session}/requests/{request}',
  summary: 'Answers a client.request with what the asking computer found.',
  caller: 'member',
  scope: 'machine:use',
  params: z.object({ session: sessionId, request: z.string() }),
  body: z.object({ output: z.string(), failed: z.boolean() }),
  status: 204,
  answer: nothing,
  errors: ['session_not_found', 'request_not_found'],
})

export const abortTurn = route({
  method: 'post',
  path: '/api/sessions/{session}/abort',
  summary: 'Stops the running turn, and those queued behind it. Harmless when none runs.',
  caller: 'member',
  scope: 'machine:use',
  params: one,
  status: 204,
  answer: nothing,
  errors: ['session_not_found'],
})

export const compactSession = route({
  method: 'post',
  path: '/api/sessions/{session}/compact',
  summary:
    'Summarises the earlier turns of a session for the model; the last ones stay as they are. Changes nothing when there is nothing to gain.',
  caller: 'member',
  scope: 'machine:use',
  params: one,
  status: 200,
  answer: z.object({ compacted: z.boolean(), tokensBefore: z.number(), tokensAfter: z.number() }),
  errors: [
    'session_not_found',
    'session_busy',
    'no_model',
    'key_missing',
    'model_failed',
    'model_refused',
    'budget_spent',
    'price_unknown',
    'disk_full',
  ],
})

export const undoEdits = route({
  method: 'post',
  path: '/api/sessions/{session}/undo',
  summary:
    "Takes back the agent's own edits of a turn, by default the last one that has any. A file that somebody changed since is left and named; what commands did is not undone. Repeating it is harmless.",
  caller: 'member',
  scope: 'machine:use',
  params: one,
  body: z.object({ turn: z.optional(turnId) }),
  status: 200,
  answer: z.object({ turn: turnId, ...undone.shape }),
  errors: ['session_not_found', 'nothing_to_undo', 'turn_open', 'disk_full'],
})
