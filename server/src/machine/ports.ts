// What the verbs of a machine need from outside.

import type { Price, ProviderName } from '@spoq/contracts/machine'
import type { Plan } from '@spoq/contracts/plan'
import type { ProvisioningProvider } from '@spoq/providers'
import type { Kysely, Transaction } from 'kysely'
import type { MachineRow, NewMachineRow, Tables } from '../db/tables.ts'
import type { Lease } from './lease.ts'
import type { WarmFit } from './unclaimed.ts'

export interface MachinePorts {
  db: Kysely<Tables>
  /** What this backend offers; the first is the default. */
  providers: ReadonlyMap<ProviderName, ProvisioningProvider>
  /** Has the reconciler look at a machine once the transaction is committed. */
  wake: (trx: Transaction<Tables>, machine: string) => Promise<void>
  /** The e-mail address of an account, to name its first machine after. Null when it has none. */
  emailOf: (account: string) => Promise<string | null>
  /** Whether the e-mail address of an account is known to be its own. */
  isVerified: (account: string) => Promise<boolean>
  /**
   * Where a provider makes a machine and how large, as it was asked for or the cheapest that the plan includes; null where
   * there is no choice. `plan` null: no plan pays for it, so that none limits it.
   * @throws SpoqError `region_unknown`, `size_unknown`, `price_changed`, `provider_failed`, `plan_limit`.
   */
  placeOf: (provider: ProviderName, asked: AskedPlace, plan: Plan | null) => Promise<Place | null>
  /**
   * In the transaction that makes a machine which is paid from credit: takes its first day, and each that comes.
   * @throws SpoqError `credit_short`.
   */
  prepay: (trx: Transaction<Tables>, machine: Prepaid) => Promise<void>
  /** The plan of an account. */
  planOf: (account: string) => Promise<Plan>
  /**
   * Looks whether a server of the account's can become a machine; answers what writes that it is.
   * @throws SpoqError `connection_not_found`, `connection_in_use`, `connection_unready`, `host_key_changed` and others.
   */
  claimServer?: (account: string, connection: string, fingerprint: string) => Promise<BindServer>
  /** Machines that are made ahead; left out: there are none. */
  pool?: Pool
  now: () => number
}

/** In the transaction that makes the machine. */
export type BindServer = (trx: Transaction<Tables>, machine: string) => Promise<void>

export interface Pool {
  /** What one has to be to stand for a machine that is asked for; undefined where none can. */
  fitFor(row: Pick<NewMachineRow, 'provider' | 'template' | 'region' | 'size'>): WarmFit | undefined
  /** By which this backend holds one that is claimed until it is told. */
  lease: Lease
  /**
   * Somebody asked for a machine. `claimed`: which of those it is; it is told now whose it is, which is waited for a moment, and
   * by the next scan if this backend ends before.
   */
  asked(claimed: MachineRow | undefined): Promise<void>
}

export interface Prepaid {
  machine: string
  account: string
  microsDaily: bigint
}

export interface AskedPlace {
  region?: string | undefined
  size?: string | undefined
  centsMonthly?: number | undefined
}

export interface Place {
  region: string
  size: string
  price: Price
}
