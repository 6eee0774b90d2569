import type { ProviderName } from '@spoq/contracts/machine'
import type { ProvisioningProvider } from '@spoq/providers'
import type { MachineAccess } from '../access/tell.ts'
import type { Database } from '../db/open.ts'
import type { Log } from '../log.ts'
import type { Lease } from '../machine/lease.ts'
import type { Tunnels } from '../tunnel/offer.ts'

/** What the reconciler needs from outside. */
export interface ReconcilePorts extends Pick<Database, 'db' | 'unlessLocked'> {
  /** By which this backend holds what it works on. */
  lease: Lease
  providers: ReadonlyMap<ProviderName, ProvisioningProvider>
  /** Whose tokens the machines take: the backend's public address, and where its public keys are. */
  issuer: string
  jwksUrl: string
  /** Tells machines who may use them; where it is missing nobody tells them. */
  access?: MachineAccess
  /** How machines without an address are reached; missing where there is no gateway. */
  tunnels?: Tunnels | undefined
  now: () => number
  /** The time by the database's clock, in ms: of what another backend may read. */
  databaseNow: () => Promise<number>
  log: Log
}
