import * as z from 'zod/mini'
import { id, instant } from '../http/shape.ts'

export const runId = id('run')

/** What a run writes into its log. Output is base64, so that any byte survives. */
export const runBody = z.discriminatedUnion('type', [
  z.object({ type: z.literal('run.started'), command: z.array(z.string()), directory: z.string() }),
  z.object({ type: z.literal('run.output'), stream: z.enum(['stdout', 'stderr']), data: z.base64() }),
  /** Stands in place of the oldest output, which was dropped: so many bytes of it so far. */
  z.object({ type: z.literal('run.dropped'), bytes: z.number() }),
  /** Exactly one of `status` and `signal` is there. `lost`: it ended with a Conductor that was killed, nobody knows how. */
  z.object({
    type: z.literal('run.ended'),
    status: z.nullable(z.number()),
    signal: z.nullable(z.string()),
    lost: z.optional(z.literal(true)),
  }),
])
export type RunBody = z.infer<typeof runBody>

/** An event with its place in the log: `id` counts from 1 in each run, without a gap but where output was dropped. */
export const runEvent = z.intersection(z.object({ id: z.number(), run: runId, at: instant }), runBody)
export type RunEvent = z.infer<typeof runEvent>

export const command = z.object({
  /** The program and its arguments; no shell unless it is one. */
  command: z.array(z.string()).check(z.minLength(1)),
  /** Relative to the workspace. */
  directory: z._default(z.string(), '.'),
  environment: z._default(z.record(z.string(), z.string()), {}),
  /** Whether input will be sent; without it the command reads an empty input. */
  input: z._default(z.boolean(), false),
  /** Nobody waits for its output: the oldest may be dropped while it runs. */
  detached: z._default(z.boolean(), false),
})
export type Command = z.infer<typeof command>
export type CommandInput = z.input<typeof command>

export const signals = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGKILL'] as const

/** A run as it stands in a list. Its environment is kept nowhere. */
export const run = z.object({
  id: runId,
  command: z.array(z.string()),
  directory: z.string(),
  state: z.enum(['running', 'ended', 'lost']),
  status: z.nullable(z.number()),
  signal: z.nullable(z.string()),
  /** Bytes of output that are kept, and of those that were dropped. */
  bytes: z.number(),
  dropped: z.number(),
  lastEvent: z.number(),
  startedAt: instant,
  endedAt: z.nullable(instant),
})
export type Run = z.infer<typeof run>
