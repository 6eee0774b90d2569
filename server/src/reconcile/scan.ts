// The slow look at everything: who is not as it should be, and what nobody asked for. It is the health watch too, and all
// that recovery after a crash needs. A machine that cannot be seen is left alone: absence of news ends nothing.

import type { ProvisioningProvider, Resource } from '@spoq/providers'
import { textOf } from '../log.ts'
import { listOfProvider } from '../machine/store.ts'
import { reachable } from './observe.ts'
import { plan } from './plan.ts'
import type { ReconcilePorts } from './ports.ts'
import { lookFurther, wantedOf } from './reconcile.ts'

export interface Found {
  /** The machines that have something to be done. */
  due: string[]
  /** What carries the tag of no machine of ours. */
  orphans: { provider: ProvisioningProvider; resource: Resource }[]
}

/** Asks each provider once for all it has and holds it against the rows. One that does not answer is passed over. */
export async function scan(ports: ReconcilePorts): Promise<Found> {
  const found: Found = { due: [], orphans: [] }
  for (const provider of ports.providers.values()) {
    await scanProvider(ports, provider, found).catch(error =>
      ports.log('warn', 'provider.unseen', { provider: provider.name, error: textOf(error) }),
    )
  }
  return found
}

async function scanProvider(ports: ReconcilePorts, provider: ProvisioningProvider, found: Found): Promise<void> {
  // The rows are read last: a machine made meanwhile must not look like nobody's.
  const resources = await provider.list()
  const rows = await listOfProvider(ports.db, provider.name)
  const known = new Set(rows.map(row => row.id))
  const beside = await lookFurther(ports, provider, rows)
  const theirs = await ports.databaseNow()
  const ahead = ports.now() - theirs
  const tagged = Map.groupBy(resources, resource => resource.machine)
  for (const row of rows) {
    const wanted = wantedOf(row, ports, beside(row.id), ahead)
    const seen = reachable(tagged.get(row.id) ?? [], provider, ports.tunnels?.endpointOf(row) ?? null)
    const next = plan(wanted, seen, provider.capabilities, ports.now())
    if (next.kind !== 'none') found.due.push(row.id)
  }
  for (const resource of resources) if (!known.has(resource.machine)) found.orphans.push({ provider, resource })
}
