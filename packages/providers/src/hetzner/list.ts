import type { Resource } from '../provider.ts'
import type { Hetzner } from './options.ts'
import { labels, listServers, resourceOf } from './server.ts'

/** Every server of this Spoq. */
export async function list(hetzner: Hetzner): Promise<Resource[]> {
  return listed(hetzner, `${labels.installation}=${hetzner.installation}`)
}

/** The servers that carry a machine's label. */
export async function find(hetzner: Hetzner, machine: string): Promise<Resource[]> {
  return listed(hetzner, `${labels.installation}=${hetzner.installation},${labels.machine}=${machine}`)
}

async function listed(hetzner: Hetzner, label_selector: string): Promise<Resource[]> {
  const servers = await listServers(hetzner, { label_selector })
  return servers.map(server => resourceOf(server, hetzner)).filter(resource => resource !== null)
}
