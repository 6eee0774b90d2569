import * as z from 'zod/mini'
import { nothing, route } from '../http/index.ts'
import { command, run, runEvent, runId, signals } from './run.ts'

const one = z.object({ run: runId })

export const startRun = route({
  method: 'post',
  path: '/api/run',
  summary: 'Starts a command in the workspace. Answers at once with the run; its output is read from its events.',
  caller: 'member',
  scope: 'machine:use',
  body: command,
  status: 202,
  answer: z.object({ run: runId }),
  errors: ['command_not_found', 'disk_full'],
})

export const listRuns = route({
  method: 'get',
  path: '/api/runs',
  summary: 'Lists the runs that go on and those that have ended and are kept, the one started last first.',
  caller: 'member',
  scope: 'machine:read',
  query: z.object({
    limit: z._default(z.coerce.number().check(z.int(), z.minimum(1), z.maximum(500)), 50),
    /** Only those whose id begins so. */
    prefix: z.optional(z.string().check(z.regex(/^run_[a-z0-9]{0,32}$/))),
  }),
  status: 200,
  answer: z.object({ runs: z.array(run) }),
  errors: [],
})

export const showRun = route({
  method: 'get',
  path: '/api/runs/{run}',
  summary: 'Shows one run.',
  caller: 'member',
  scope: 'machine:read',
  params: one,
  status: 200,
  answer: run,
  errors: ['run_not_found'],
})

export const runEvents = route({
  method: 'get',
  path: '/api/runs/{run}/events',
  summary: 'Streams the output after Last-Event-ID (or `after`) and ends with the exit status.',
  caller: 'member',
  scope: 'machine:read',
  params: one,
  query: z.object({ after: z.optional(z.coerce.number().check(z.int(), z.minimum(0))) }),
  status: 200,
  answer: runEvent,
  stream: true,
  errors: ['run_not_found'],
})

export const sendInput = route({
  method: 'post',
  path: '/api/runs/{run}/input',
  summary:
    'Sends a piece of standard input. `at` is the count of bytes sent before it, so that a repeated piece is taken once. `end` closes the input.',
  caller: 'member',
  scope: 'machine:use',
  params: one,
  body: z.object({
    at: z.number().check(z.int(), z.minimum(0)),
    data: z.base64(),
    end: z._default(z.boolean(), false),
  }),
  status: 204,
  answer: nothing,
  errors: ['run_not_found', 'run_ended'],
})

export const signalRun = route({
  method: 'post',
  path: '/api/runs/{run}/signal',
  summary: 'Sends a signal to the command and all that it started.',
  caller: 'member',
  scope: 'machine:use',
  params: one,
  body: z.object({ signal: z.enum(signals) }),
  status: 204,
  answer: nothing,
  errors: ['run_not_found', 'run_ended'],
})
