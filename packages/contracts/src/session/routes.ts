import * as z from 'zod/mini'
import { nothing, route } from '../http/index.ts'
import { sessionEvent, sessionId } from './event.ts'
import { accepted, question, session } from './session.ts'

const one = z.object({ session: sessionId })

export const ask = route({
  method: 'post',
  path: '/api/ask',
  summary:
    'Asks a question. Answers at once with the session and the turn; the turn belongs to the machine and goes on by itself.',
  caller: 'member',
  body: question,
  status: 202,
  answer: accepted,
  errors: ['session_not_found', 'no_model', 'key_missing', 'no_images', 'disk_full'],
})

export const listSessions = route({
  method: 'get',
  path: '/api/sessions',
  summary: 'Lists the sessions, the one used last first.',
  caller: 'member',
  query: z.object({ limit: z._default(z.coerce.number().check(z.int(), z.minimum(1), z.maximum(500)), 50) }),
  status: 200,
  answer: z.object({ sessions: z.array(session) }),
  errors: [],
})

export const showSession = route({
  method: 'get',
  path: '/api/sessions/{session}',
  summary: 'Shows one session.',
  caller: 'member',
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

export const answerApproval = route({
  method: 'post',
  path: '/api/sessions/{session}/approvals/{approval}',
  summary: 'Answers an approval, once; the turn goes on.',
  caller: 'member',
  params: z.object({ session: sessionId, approval: z.string() }),
  body: z.object({ decision: z.enum(['allow', 'deny']) }),
  status: 204,
  answer: nothing,
  errors: ['session_not_found', 'approval_not_found', 'approval_answered'],
})

export const answerClientRequest = route({
  method: 'post',
  path: '/api/sessions/{session}/requests/{request}',
  summary: 'Answers a client.request with what the asking computer found.',
  caller: 'member',
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
  params: one,
  status: 204,
  answer: nothing,
  errors: ['session_not_found'],
})
