import type { ProvisioningProvider, Resource } from '@spoq/providers'
import type { MachineRow } from '../db/tables.ts'

/** Everything at the provider that carries the machine's tag. A list may lag, so the known one is asked for by name too. */
export async function observe(provider: ProvisioningProvider, row: MachineRow): Promise<Resource[]> {
  if (row.wanted === 'terminated' && wasNeverAsked(row)) return []
  const listed = await provider.find(row.id)
  if (row.provider_ref === null || listed.some(({ ref }) => ref === row.provider_ref)) return listed
  const known = await provider.status(row.provider_ref)
  return known && known.machine === row.id ? [...listed, known] : listed
}

/**
 * What runs without an address is found through the gateway, where there is one. A server gets its address by its set-up.
 */
export function reachable(
  seen: readonly Resource[],
  { capabilities: { setUp = 'none' } }: ProvisioningProvider,
  address: string | null,
): Resource[] {
  const isHidden = ({ state, endpoint }: Resource) => setUp === 'none' && state === 'running' && endpoint === null
  return seen.map(resource => (isHidden(resource) ? { ...resource, endpoint: address } : resource))
}

/** Nothing can be there, so that its end need not wait for a provider that is away or refuses our key. */
const wasNeverAsked = (row: MachineRow) =>
  row.provider_ref === null && row.create_sent_at === null && row.state === 'terminating'
