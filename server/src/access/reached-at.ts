import type { MachineRow } from '../db/tables.ts'
import type { MachinePorts } from '../machine/ports.ts'

/** Where a backend reaches a machine's Conductor: at its address, or on its socket where it has none; null: nowhere. */
export async function reachedAt(
  providers: MachinePorts['providers'],
  { endpoint, provider, provider_ref }: Pick<MachineRow, 'endpoint' | 'provider' | 'provider_ref'>,
): Promise<string | null> {
  if (endpoint !== null) return endpoint
  const resource = provider_ref === null ? null : await providers.get(provider)?.status(provider_ref)
  return resource?.socket === undefined ? null : `unix:${resource.socket}`
}
