import type { Resource } from '../provider.ts'
import { listDroplets, resourceOf, tagsOf } from './droplet.ts'
import type { DigitalOcean } from './options.ts'

/** Every droplet of this Spoq. */
export const list = (cloud: DigitalOcean): Promise<Resource[]> => listed(cloud, tagsOf.installation(cloud.installation))

/** The droplets that carry a machine's tag. */
export const find = (cloud: DigitalOcean, machine: string): Promise<Resource[]> =>
  listed(cloud, tagsOf.machine(machine))

async function listed(cloud: DigitalOcean, tag: string): Promise<Resource[]> {
  const droplets = await listDroplets(cloud, tag)
  return droplets.map(found => resourceOf(found, cloud)).filter(resource => resource !== null)
}
