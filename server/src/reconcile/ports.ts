import type { ProviderName } from '@spoq/contracts/machine'
import type { ProvisioningProvider } from '@spoq/providers'
import type { Zone } from '@spoq/providers/dns'
import type { MachineAccess } from '../access/tell.ts'
import type { Database } from '../db/open.ts'
import type { MachineRow } from '../db/tables.ts'
import type { Log } from '../log.ts'
import type { Lease } from '../machine/lease.ts'
import type { MachineSetup } from '../setup/open.ts'
import type { Timers } from '../timers.ts'
import type { Tunnels } from '../tunnel/offer.ts'
import type { Turns } from './turns.ts'

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
  /** Makes machines of servers; where it is missing no provider may need it. */
  setup?: MachineSetup
  /** Where the names of machines stand, and what a machine is called there; left out: nowhere. */
  zone?: Zone | null
  dnsNameOf?: (row: Pick<MachineRow, 'name'>) => string | null
  /** Aborted when this backend stops: what takes minutes is left to the next one. */
  ending?: AbortSignal
  timers?: Timers
  /** How many are made at the same time; left out: all. */
  turns?: Turns
  now: () => number
  /** The time by the database's clock, in ms: of what another backend may read. */
  databaseNow: () => Promise<number>
  log: Log
}
