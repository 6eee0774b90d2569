import * as z from 'zod/mini'
import { type MachineSpec, ProviderError, type Resource } from '../provider.ts'
import type { Hetzner } from './options.ts'
import { resume } from './resume.ts'
import { labels, listServers, nameOf, resourceOf, server } from './server.ts'

/** Orders a server, or answers the one that has the machine's name. */
export async function create(hetzner: Hetzner, spec: MachineSpec): Promise<Resource> {
  return (await takeOver(hetzner, spec)) ?? (await order(hetzner, spec))
}

async function takeOver(hetzner: Hetzner, { machine }: MachineSpec): Promise<Resource | null> {
  const [found] = await listServers(hetzner, { name: nameOf(machine) })
  if (!found) return null
  const resource = resourceOf(found, hetzner)
  if (!resource) throw new ProviderError('refused', `At Hetzner another server has the name ${nameOf(machine)}.`)
  if (resource.state !== 'stopped') return resource
  await resume(hetzner, resource.ref)
  return { ...resource, state: 'creating' }
}

async function order(hetzner: Hetzner, spec: MachineSpec): Promise<Resource> {
  const { machine, region, size, setUpScript } = spec
  if (region === undefined || size === undefined) throw new ProviderError('refused', 'A region and a size are needed.')
  const made = await hetzner.api.ask(z.object({ server }), 'POST', '/servers', {
    body: {
      name: nameOf(machine),
      image: hetzner.image,
      server_type: size,
      location: region,
      start_after_create: true,
      labels: { [labels.machine]: machine, [labels.installation]: hetzner.installation },
      ...(setUpScript === undefined ? {} : { user_data: setUpScript }),
    },
  })
  const resource = resourceOf(made.server, hetzner)
  if (!resource) throw new ProviderError('retry', 'Hetzner made a server without its labels.')
  return resource
}
