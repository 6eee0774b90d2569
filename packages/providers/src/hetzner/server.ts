// A server as Hetzner tells of it, and what it is to us.

import * as z from 'zod/mini'
import type { Resource } from '../provider.ts'
import { everyPage } from '../shared/pages.ts'
import type { Hetzner } from './options.ts'

/** Labels: whose machine it is, and which Spoq's. */
export const labels = { machine: 'spoq-machine', installation: 'spoq-installation', snapshot: 'spoq-snapshot' }

const ip = z.nullable(z.object({ ip: z.string() }))
export const server = z.object({
  id: z.number(),
  name: z.string(),
  status: z.string(),
  labels: z.record(z.string(), z.string()),
  server_type: z.object({ name: z.string() }),
  public_net: z.object({ ipv4: ip, ipv6: ip }),
})
export type Server = z.infer<typeof server>

export const meta = z.object({ pagination: z.object({ next_page: z.nullable(z.number()) }) })

/** Names are unique in a project: two creates for one machine cannot both succeed. */
export const nameOf = (machine: string) => `spoq-${machine.replaceAll('_', '-')}`

/** A server of ours; null for others'. One that is on its way somewhere is `creating`: wait and look again. */
export function resourceOf(
  { id, status, labels: has, public_net }: Server,
  { installation }: Hetzner,
): Resource | null {
  const machine = has[labels.machine]
  if (machine === undefined || has[labels.installation] !== installation) return null
  const v4 = public_net.ipv4?.ip
  // The network; its first address is the server's.
  const v6 = public_net.ipv6?.ip.replace(/::\/64$/, '::1')
  const state = status === 'running' ? 'running' : status === 'off' ? 'stopped' : 'creating'
  return { ref: String(id), machine, state, endpoint: null, addresses: { ...(v4 && { v4 }), ...(v6 && { v6 }) } }
}

export async function listServers(hetzner: Hetzner, query: Record<string, string>): Promise<Server[]> {
  return everyPage(1, async page => {
    const shape = z.object({ servers: z.array(server), meta })
    const answer = await hetzner.api.ask(shape, 'GET', '/servers', { query: { ...query, page, per_page: 50 } })
    return { items: answer.servers, next: answer.meta.pagination.next_page }
  })
}
