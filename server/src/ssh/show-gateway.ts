import type { SshGateway, SshPlace } from '@spoq/contracts/ssh'
import type { Kysely } from 'kysely'
import type { Tables } from '../db/tables.ts'
import { listGateways } from './store.ts'
import { gatewayMs } from './times.ts'

export interface SshGatewayPorts {
  db: Kysely<Tables>
  /** By which people reach the gateways, the usual one first; none: it is not known. */
  addresses: readonly SshPlace[]
  now: () => number
}

/** Where people come in over SSH; null while no gateway has told its keys: there is nobody to believe then. */
export async function showGateway({ db, addresses, now }: SshGatewayPorts): Promise<SshGateway | null> {
  const [first, ...others] = addresses
  if (!first) return null
  const gateways = await listGateways(db, new Date(now() - gatewayMs))
  const hostKeys = [...new Set(gateways.map(({ host_key }) => host_key))].sort()
  return hostKeys.length === 0 ? null : { ...first, others, hostKeys }
}
