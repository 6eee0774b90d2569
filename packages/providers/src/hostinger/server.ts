// A virtual machine as Hostinger tells of it, and what it is to us.

import * as z from 'zod/mini'
import type { Resource } from '../provider.ts'
import type { Hostinger } from './options.ts'
import { isTemplate } from './template.ts'

const addresses = z.nullish(z.array(z.object({ address: z.string() })))
export const server = z.object({
  id: z.number(),
  hostname: z.string(),
  state: z.string(),
  actions_lock: z.string(),
  subscription_id: z.nullish(z.string()),
  template: z.nullish(z.object({ name: z.string() })),
  ipv4: addresses,
  ipv6: addresses,
})
export type Server = z.infer<typeof server>

/** The only thing that can be given to a server: whose machine it is, and which Spoq's. `.internal` is nobody's domain. */
export const hostnameOf = (machine: string, { installation }: Pick<Hostinger, 'installation'>) =>
  `${machine.replaceAll('_', '-')}.${installation}.spoq.internal`.toLowerCase()

/** The machine of a server of ours that is there; undefined for others'. */
export function machineOf({ hostname, state }: Pick<Server, 'hostname' | 'state'>, hostinger: Hostinger) {
  const [, id] = /^mach-([a-z0-9]+)\./.exec(hostname.toLowerCase()) ?? []
  if (id === undefined || state === 'destroyed') return undefined
  const machine = `mach_${id}`
  return hostname.toLowerCase() === hostnameOf(machine, hostinger) ? machine : undefined
}

/** Whether it was wiped: no machine is made with that template. */
export const isWiped = ({ template }: Server, { bareImage }: Hostinger) => !!template && isTemplate(template, bareImage)

/** Whether nothing of its owner's is on it any more, or was ever: over, once it is cancelled too. */
export const isBare = (found: Server, hostinger: Hostinger) =>
  found.state === 'recreating' || found.state === 'initial' || isWiped(found, hostinger)

/**
 * When the contract of a server ends: ISO 8601, or '' where that is not told; undefined while it is renewed; null where
 * there is no such contract: not yet, or not any more.
 */
export type EndOf = (server: Server) => string | undefined | null

/** A server of ours; null for others'. */
export function resourceOf(found: Server, hostinger: Hostinger, endOf: EndOf): Resource | null {
  const machine = machineOf(found, hostinger)
  if (machine === undefined) return null
  const v4 = found.ipv4?.[0]?.address
  const v6 = found.ipv6?.[0]?.address
  return {
    ref: String(found.id),
    machine,
    endpoint: null,
    addresses: { ...(v4 && { v4 }), ...(v6 && { v6 }) },
    ...(isBare(found, hostinger) ? bare(found, hostinger, endOf(found)) : conditionOf(found)),
  }
}

type Condition = Pick<Resource, 'state' | 'reason' | 'stuck' | 'endsAt'>

function bare(found: Server, hostinger: Hostinger, end: ReturnType<EndOf>): Condition {
  const wiped = isWiped(found, hostinger)
  if (typeof end === 'string' || (end === null && wiped)) return { state: 'ending', ...(end && { endsAt: end }) }
  return wiped ? { state: 'failed', reason: 'It is wiped, but not yet cancelled.' } : conditionOf(found)
}

function conditionOf({ state }: Pick<Server, 'state'>): Condition {
  if (state === 'running' || state === 'stopped') return { state }
  if (state === 'error') return { state: 'failed', reason: 'Hostinger could not set it up.' }
  const reason = stuck[state]
  return reason ? { state: 'creating', stuck: true, reason } : { state: 'creating' }
}

/** States that never end by themselves, and what a person has to see to. */
const stuck: Readonly<Record<string, string>> = {
  initial: 'Hostinger sold it, but did not set it up: finish that in hPanel.',
  suspended: 'Hostinger has suspended it: see hPanel.',
  recovery: 'It runs its recovery system: end that in hPanel.',
}

/** What was only just ordered: its name may not be known everywhere yet. */
export const orderedOf = (found: Server, machine: string): Resource => ({
  ref: String(found.id),
  machine,
  endpoint: null,
  ...conditionOf(found),
})
