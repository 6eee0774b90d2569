// What a gateway asks its backend, over a unix socket that nobody else can open.

import * as z from 'zod/mini'
import { domainName } from '../domain/domain.ts'
import { nothing, route } from '../http/index.ts'
import { machineId, machineName } from '../machine/machine.ts'
import { tunnelToken } from './offer.ts'

/** A connected machine, and which of its tokens it came with. */
export const tunnelHolder = z.object({ machine: machineId, generation: z.number().check(z.int(), z.minimum(1)) })
export type TunnelHolder = z.infer<typeof tunnelHolder>

export const verifyTunnel = route({
  method: 'post',
  path: '/gateway/verify',
  summary: 'Says whose token it is.',
  caller: 'gateway',
  body: z.object({ token: tunnelToken }),
  status: 200,
  answer: tunnelHolder,
  errors: ['token_invalid'],
})

/** Where a name leads. */
export const whereabouts = z.object({
  machine: machineId,
  /** Whether its owner wants it to run, and nothing holds it. */
  running: z.boolean(),
  /** Whether it does run, and was told who may use it. */
  ready: z.boolean(),
})
export type Whereabouts = z.infer<typeof whereabouts>

export const locateMachine = route({
  method: 'get',
  path: '/gateway/names/{name}',
  summary: 'Says which machine a name leads to.',
  caller: 'gateway',
  params: z.object({ name: machineName }),
  status: 200,
  answer: whereabouts,
  errors: ['not_found'],
})

/** Proven ones alone: nobody is led anywhere by a name that somebody only claims. */
export const locateDomain = route({
  method: 'get',
  path: '/gateway/domains/{domain}',
  summary: "Says which machine a domain of its owner's leads to.",
  caller: 'gateway',
  params: z.object({ domain: domainName }),
  status: 200,
  answer: whereabouts,
  errors: ['not_found'],
})

/** The token is what the one who asks came with. What a machine that runs would refuse is refused here, in the same words. */
export const wakeMachine = route({
  method: 'post',
  path: '/gateway/wake',
  summary: 'Somebody asks for a machine that is not there: it is started where it only sleeps, for who may use it.',
  caller: 'gateway',
  body: z.object({ machine: machineId, token: z.string().check(z.maxLength(8_192)) }),
  status: 200,
  answer: z.object({ waking: z.boolean() }),
  errors: ['token_invalid', 'token_expired', 'login_revoked', 'forbidden'],
})

/** All of them, so that a report that was lost is made good by the next. */
export const reportTunnels = route({
  method: 'put',
  path: '/gateway/tunnels',
  summary: 'Tells which machines are connected to a gateway; answers which of them may no longer be.',
  caller: 'gateway',
  body: z.object({ gateway: z.string().check(z.regex(/^[\w-]{1,64}$/)), tunnels: z.array(tunnelHolder) }),
  status: 200,
  answer: z.object({ cut: z.array(machineId) }),
  errors: [],
})

/** A gateway ends: it has no machine any more. */
export const forgetGateway = route({
  method: 'delete',
  path: '/gateway/tunnels/{gateway}',
  summary: 'A gateway ends.',
  caller: 'gateway',
  params: z.object({ gateway: z.string().check(z.regex(/^[\w-]{1,64}$/)) }),
  status: 204,
  answer: nothing,
  errors: [],
})
