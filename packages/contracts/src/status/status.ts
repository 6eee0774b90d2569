import * as z from 'zod/mini'
import { instant, nothing, route } from '../http/index.ts'
import { machineId } from '../machine/machine.ts'
import { messageUse } from '../message/index.ts'

/** The one answer a Conductor and the backend give to anybody: that they live. */
export const health = route({
  method: 'get',
  path: '/health',
  summary: 'Says that it lives, and nothing else.',
  caller: 'anyone',
  status: 200,
  answer: z.object({ status: z.literal('ok') }),
  errors: [],
})

/** Whether requests can be served: a load balancer asks this, and sends nobody where the answer is no. */
export const readiness = route({
  method: 'get',
  path: '/readyz',
  summary: 'Says whether requests can be served just now.',
  caller: 'anyone',
  status: 200,
  answer: z.object({ status: z.literal('ready') }),
  errors: [],
})

export const conductorStatus = z.object({
  machine: machineId,
  version: z.string(),
  startedAt: instant,
  /** The address of the edge, as other programs reach it; null when it listens on a socket only. */
  endpoint: z.nullable(z.url()),
  /** Where the agents' commands run: as a user of their own, in bubblewrap, or as the Conductor itself. */
  isolation: z.enum(['uid', 'bubblewrap', 'none']),
  /** `guarded`: a cloud's metadata addresses are kept from commands. `shared`: they reach all that the computer reaches. */
  network: z._default(z.enum(['guarded', 'shared']), 'shared'),
  workspace: z.string(),
  /** Its connection to a gateway, and since when that is so; null where it needs none. */
  tunnel: z.optional(
    z.nullable(
      z.object({
        state: z.enum(['connecting', 'connected', 'refused']),
        since: instant,
        /** Why the last try failed. */
        error: z.nullable(z.string()),
      }),
    ),
  ),
  /** Turns that run or wait just now. */
  turns: z.number(),
  memoryBytes: z.number(),
  /** What is used of the plan's messages of this month; none where there is no limit. */
  messages: z.optional(z.array(messageUse)),
  /** Room on the disk of the machine's folder; a Conductor of an earlier version does not tell. */
  diskFreeBytes: z.optional(z.number()),
})
export type ConductorStatus = z.infer<typeof conductorStatus>

export const showStatus = route({
  method: 'get',
  path: '/api/status',
  summary: 'Shows how the Conductor is doing.',
  caller: 'member',
  scope: 'machine:read',
  status: 200,
  answer: conductorStatus,
  errors: [],
})

/** One line of what a Conductor says of itself. */
export const logLine = z.object({
  /** Grows by one with each line. */
  n: z.number(),
  at: instant,
  level: z.enum(['info', 'error']),
  text: z.string(),
})
export type LogLine = z.infer<typeof logLine>

const whole = (most: number) => z.coerce.number().check(z.int(), z.gte(0), z.lte(most))

export const readLog = route({
  method: 'get',
  path: '/api/log',
  summary: "Shows the last lines of the Conductor's own log, or those after the one with a number.",
  caller: 'member',
  scope: 'machine:read',
  query: z.object({ lines: z._default(whole(1_000), 100), after: z.optional(whole(Number.MAX_SAFE_INTEGER)) }),
  status: 200,
  answer: z.object({ lines: z.array(logLine) }),
  errors: [],
})

/** Ends the Conductor in good order: running turns are left to be told as interrupted at the next start. */
export const shutdown = route({
  method: 'post',
  path: '/api/shutdown',
  summary: 'Ends the Conductor in good order.',
  caller: 'local',
  status: 202,
  answer: nothing,
  errors: [],
})
