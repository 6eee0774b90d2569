import * as z from 'zod/mini'
import { type MachineSpec, ProviderError, type Resource } from '../provider.ts'
import { fits } from '../shared/set-up-script.ts'
import { droplet, nameOf, resourceOf, tagsOf } from './droplet.ts'
import type { DigitalOcean } from './options.ts'

/** Most that DigitalOcean takes along, in bytes. */
const mostScript = 64 * 1024

/** Orders a droplet. */
export async function order(cloud: DigitalOcean, spec: MachineSpec): Promise<Resource> {
  const { machine, region, size, setUpScript } = spec
  if (region === undefined || size === undefined) throw new ProviderError('refused', 'A region and a size are needed.')
  // They stand in a list of their own, where nobody would find it again.
  if (size.startsWith('gpu-')) throw new ProviderError('refused', 'Droplets with a GPU are not for machines.')
  fits(setUpScript, mostScript, 'DigitalOcean')
  const made = await cloud.api.ask(z.object({ droplet }), 'POST', '/v2/droplets', {
    body: {
      name: nameOf(machine),
      image: cloud.image,
      size,
      region,
      ipv6: true,
      tags: [tagsOf.machine(machine), tagsOf.installation(cloud.installation)],
      ...(setUpScript === undefined ? {} : { user_data: setUpScript }),
    },
  })
  const resource = resourceOf(made.droplet, cloud)
  if (resource) return resource
  // Another order would make another one that is not found: a person has to see to it first.
  throw new ProviderError(
    'refused',
    `DigitalOcean hides the tags of droplet ${made.droplet.id}: give DIGITALOCEAN_TOKEN the right tag:read, and end that droplet.`,
    { undone: false },
  )
}
