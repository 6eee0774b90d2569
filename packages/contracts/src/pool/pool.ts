import * as z from 'zod/mini'
import { route } from '../http/index.ts'
import { providerName } from '../machine/machine.ts'

const count = z.int().check(z.minimum(0), z.maximum(1_000))

/** Machines that are made before anybody asks for them. */
export const poolState = z.object({
  /** Who makes them; null: nobody here can. */
  provider: z.nullable(providerName),
  /** How many there are at least and at most; as many as were asked for lately, in between. */
  min: count,
  max: count,
  /** Older ones are made anew. */
  maxAgeHours: z.number(),
  /** Ready to be claimed, in the making, and given up. */
  warm: z.number(),
  making: z.number(),
  failed: z.number(),
})
export type PoolState = z.infer<typeof poolState>

const admin = { caller: 'admin', scope: 'security:write', status: 200, answer: poolState } as const

export const showPool = route({
  ...admin,
  method: 'get',
  path: '/api/admin/pool',
  summary: 'Shows how many machines are made ahead.',
  errors: [],
})

export const setPool = route({
  ...admin,
  method: 'put',
  path: '/api/admin/pool',
  summary: 'Says how many machines are made ahead, at least and at most; what is left out stays.',
  body: z.object({ min: z.optional(count), max: z.optional(count) }),
  errors: ['pool_limits_invalid'],
})

export const drainPool = route({
  ...admin,
  method: 'post',
  path: '/api/admin/pool/drain',
  summary: 'Ends all machines that are made ahead and makes no more, until it is set again.',
  errors: [],
})
