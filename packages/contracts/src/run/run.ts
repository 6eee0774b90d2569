import * as z from 'zod/mini'
import { id, instant } from '../http/shape.ts'

export const runId = id('run')

/** What a run writes into its log. Output is base64, so that any byte survives. */
export const runBody = z.discriminatedUnion('type', [
  z.object({ type: z.literal('run.started'), command: z.array(z.string()), directory: z.string() }),
  z.object({ type: z.literal('run.output'), stream: z.enum(['stdout', 'stderr']), data: z.base64() }),
  /** Exactly one of `status` and `signal` is there. */
  z.object({ type: z.literal('run.ended'), status: z.nullable(z.number()), signal: z.nullable(z.string()) }),
])
export type RunBody = z.infer<typeof runBody>

/** An event with its place in the log: `id` counts from 1 in each run, without a gap. */
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
})
export type Command = z.infer<typeof command>
export type CommandInput = z.input<typeof command>

export const signals = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGKILL'] as const
