import type { ProviderName } from '@spoq/contracts/machine'
import type { ProvisioningProvider } from '@spoq/providers'
import type { Kysely } from 'kysely'
import type { Tables } from '../db/tables.ts'
import type { Log } from '../log.ts'

/** What the reconciler needs from outside. */
export interface ReconcilePorts {
  db: Kysely<Tables>
  providers: ReadonlyMap<ProviderName, ProvisioningProvider>
  /** Whose tokens the machines take: the backend's public address, and where its public keys are. */
  issuer: string
  jwksUrl: string
  now: () => number
  log: Log
}
