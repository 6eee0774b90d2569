import type { ProvisioningProvider, Resource } from '@spoq/providers'
import type { MachineRow } from '../db/tables.ts'

/** Everything at the provider that carries the machine's tag. A list may lag, so the known one is asked for by name too. */
export async function observe(provider: ProvisioningProvider, row: MachineRow): Promise<Resource[]> {
  const listed = await provider.find(row.id)
  if (row.provider_ref === null || listed.some(({ ref }) => ref === row.provider_ref)) return listed
  const known = await provider.status(row.provider_ref)
  return known && known.machine === row.id ? [...listed, known] : listed
}
