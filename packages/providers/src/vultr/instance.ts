// An instance as Vultr tells of it, and what it is to us.

import * as z from 'zod/mini'
import type { Resource } from '../provider.ts'
import type { Vultr } from './options.ts'
import { meta, pages } from './pages.ts'

/** Tags: whose machine it is, and which Spoq's. */
export const tagsOf = {
  machine: (machine: string) => `${machinePrefix}${machine}`,
  installation: (installation: string) => `spoq-installation:${installation}`,
}
const machinePrefix = 'spoq-machine:'

export const instance = z.object({
  id: z.string(),
  status: z.string(),
  power_status: z.string(),
  server_status: z.string(),
  plan: z.string(),
  tags: z.nullish(z.array(z.string())),
  main_ip: z.string(),
  v6_networks: z.nullish(z.array(z.object({ main_ip: z.string() }))),
})
export type Instance = z.infer<typeof instance>

/** For people: labels are not unique, and anybody may change them. */
export const nameOf = (machine: string) => `spoq-${machine.replaceAll('_', '-')}`

export const machineOf = ({ tags }: Instance): string | undefined =>
  tags?.find(tag => tag.startsWith(machinePrefix))?.slice(machinePrefix.length)

/** An instance of ours; null for others'. */
export function resourceOf(found: Instance, { installation }: Vultr): Resource | null {
  const machine = machineOf(found)
  if (machine === undefined || !found.tags?.includes(tagsOf.installation(installation))) return null
  // Until it has an address it says 0.0.0.0.
  const v4 = found.main_ip === '0.0.0.0' ? '' : found.main_ip
  const v6 = found.v6_networks?.[0]?.main_ip
  const addresses = { ...(v4 && { v4 }), ...(v6 && { v6 }) }
  const resource = { ref: found.id, machine, endpoint: null, addresses }
  if (found.status === 'suspended') return { ...resource, state: 'failed', reason: 'Vultr has suspended it.' }
  return { ...resource, state: stateOf(found) }
}

/** `active` is said long before it can be used, and `ok` of one that is off. */
function stateOf({ status, power_status, server_status }: Instance): 'creating' | 'running' | 'stopped' {
  if (status !== 'active' || ['locked', 'installingbooting'].includes(server_status)) return 'creating'
  if (power_status === 'stopped') return 'stopped'
  return power_status === 'running' && server_status === 'ok' ? 'running' : 'creating'
}

/** Every instance of the account: Vultr filters by labels, which anybody may change; its filter by tag is deprecated. */
export function listInstances(vultr: Vultr): Promise<Instance[]> {
  const shape = z.object({ instances: z.array(instance), meta })
  return pages(vultr, '/instances', shape, ({ instances }) => instances)
}
