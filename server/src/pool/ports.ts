import type { ProviderName } from '@spoq/contracts/machine'
import type { Plan } from '@spoq/contracts/plan'
import type { ProvisioningProvider, Resource } from '@spoq/providers'
import type { Kysely } from 'kysely'
import type { Database } from '../db/open.ts'
import type { Tables } from '../db/tables.ts'
import type { Log } from '../log.ts'
import type { Lease } from '../machine/lease.ts'
import type { MachinePorts } from '../machine/ports.ts'

/** How many machines that are nobody's there are at least and at most. */
export interface Limits {
  min: number
  max: number
}

export interface PoolPorts extends Pick<MachinePorts, 'wake' | 'placeOf'>, Pick<Database, 'unlessLocked'> {
  db: Kysely<Tables>
  providers: ReadonlyMap<ProviderName, ProvisioningProvider>
  /** Where no operator has said another. */
  limits: Limits
  /** Who has this plan gets them: they are as large as it says. */
  plan: Plan
  /** Older ones are made anew, in ms. */
  maxAgeMs: number
  /** By which this backend holds what it works on. */
  lease: Lease
  /** Whose tokens the machines take. */
  issuer: string
  /** Whether the Conductor of a machine that runs answers. */
  isHealthy: (resource: Resource) => Promise<boolean>
  now: () => number
  log: Log
}

/** Who makes machines ahead: whoever can say what they are made of. The first, where there are several. */
export const pooled = ({ providers }: Pick<PoolPorts, 'providers'>): ProvisioningProvider | undefined =>
  [...providers.values()].find(({ form }) => form !== undefined)
