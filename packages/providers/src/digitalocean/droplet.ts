// A droplet as DigitalOcean tells of it, and what it is to us.

import * as z from 'zod/mini'
import type { Resource } from '../provider.ts'
import type { DigitalOcean } from './options.ts'
import { links, pages } from './pages.ts'

/** Tags: whose machine it is, and which Spoq's. */
export const tagsOf = {
  machine: (machine: string) => `${machinePrefix}${machine}`,
  installation: (installation: string) => `spoq-installation:${installation}`,
}
const machinePrefix = 'spoq-machine:'

const network = z.object({ ip_address: z.string(), type: z.string() })
export const droplet = z.object({
  id: z.number(),
  status: z.string(),
  tags: z.nullish(z.array(z.string())),
  size_slug: z.string(),
  networks: z.object({ v4: z.optional(z.array(network)), v6: z.optional(z.array(network)) }),
})
export type Droplet = z.infer<typeof droplet>

/** For people: names are not unique, and anybody may change them. */
export const nameOf = (machine: string) => `spoq-${machine.replaceAll('_', '-')}`

export const machineOf = ({ tags }: Droplet): string | undefined =>
  tags?.find(tag => tag.startsWith(machinePrefix))?.slice(machinePrefix.length)

/** A droplet of ours; null for others'. */
export function resourceOf(found: Droplet, { installation }: DigitalOcean): Resource | null {
  const machine = machineOf(found)
  if (machine === undefined || !found.tags?.includes(tagsOf.installation(installation))) return null
  const { id, status, networks } = found
  const v4 = networks.v4?.find(({ type }) => type === 'public')?.ip_address
  const v6 = networks.v6?.find(({ type }) => type === 'public')?.ip_address
  const addresses = { ...(v4 && { v4 }), ...(v6 && { v6 }) }
  const resource = { ref: String(id), machine, endpoint: null, addresses }
  if (status === 'archive') return { ...resource, state: 'failed', reason: 'DigitalOcean has archived it.' }
  return { ...resource, state: status === 'active' ? 'running' : status === 'off' ? 'stopped' : 'creating' }
}

/** Every droplet with a tag. Those with a GPU are never among them: no such is ordered. */
export function listDroplets(cloud: DigitalOcean, tag: string): Promise<Droplet[]> {
  const shape = z.object({ droplets: z.array(droplet), links })
  return pages(cloud, '/v2/droplets', shape, ({ droplets }) => droplets, { tag_name: tag })
}
