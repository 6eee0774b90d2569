import * as z from 'zod/mini'
import { instant, nothing, route } from '../http/index.ts'
import { machineId } from '../machine/machine.ts'

const hostKey = z.string().check(z.regex(/^ssh-ed25519 AAAA[A-Za-z0-9+/]{64}$/, 'an ed25519 key is needed'))

/** What a server's set-up says while it runs, and at its end. The sender is not trusted: it is somebody's own server. */
export const setupReport = z.object({
  machine: machineId,
  /** What it does now, for a person. */
  stage: z.string().check(z.minLength(1), z.maxLength(80)),
  /** New lines of its log. */
  lines: z.array(z.string().check(z.maxLength(400))).check(z.maxLength(60)),
  /** It failed: why. */
  error: z.optional(z.string().check(z.minLength(1), z.maxLength(400))),
  /** The server's SSH host key, while it is not done: by that it is known again over SSH. */
  sshKey: z.optional(hostKey),
  /** It is done: the server's SSH host key, and the release that it runs. */
  hostKey: z.optional(hostKey),
  release: z.optional(z.string().check(z.regex(/^[\w.-]{1,100}$/))),
})
export type SetupReport = z.infer<typeof setupReport>

export const reportSetup = route({
  method: 'post',
  path: '/api/setup/report',
  summary: "Takes what a server's set-up says. Its one-time token is sent as a bearer token, and ends with the set-up.",
  caller: 'anyone',
  body: setupReport,
  status: 204,
  answer: nothing,
  errors: ['token_invalid', 'token_expired', 'setup_over'],
})

/** How a machine's last set-up went. */
export const setupLog = z.object({
  state: z.enum(['running', 'done', 'failed']),
  stage: z.nullable(z.string()),
  error: z.nullable(z.string()),
  begunAt: instant,
  /** The last lines of its log, as the server said them. */
  lines: z.array(z.string()),
})
export type SetupLog = z.infer<typeof setupLog>

export const showSetupLog = route({
  method: 'get',
  path: '/api/machines/{machine}/setup-log',
  summary: 'Shows how the last set-up of a machine went, with the last lines of its log; null where none was needed.',
  caller: 'account',
  scope: 'machine:read',
  params: z.object({ machine: machineId }),
  status: 200,
  answer: z.object({ log: z.nullable(setupLog) }),
  errors: ['machine_not_found'],
})
