import type { ProviderName } from '@spoq/contracts/machine'
import type { ProvisioningProvider } from '@spoq/providers'
import type { Kysely, Transaction } from 'kysely'
import type { RevokedBy } from '../access/content.ts'
import type { MachineRow, Tables } from '../db/tables.ts'
import type { Log } from '../log.ts'

/** What putting machines to sleep and waking them needs from outside. */
export interface IdlePorts {
  db: Kysely<Tables>
  providers: ReadonlyMap<ProviderName, ProvisioningProvider>
  /** How long machines of an account may be unused until they sleep, in ms; null: they never do. */
  idleAfterMs: (account: string) => Promise<number | null>
  /** Has a machine take no more requests, unless it is in use. @throws SpoqError when it does not answer. */
  fallAsleep: (row: MachineRow, idleMs: number) => Promise<{ asleep: boolean; activeAt: number }>
  /** Whose token for a machine it is. @throws SpoqError `token_expired`, `token_invalid`, `forbidden`. */
  callerOf: (token: string, machine: string) => Promise<{ account: string | null; credential: string | null }>
  revokedBy: RevokedBy
  /** Has the reconciler look at a machine once the transaction is committed. */
  wake: (trx: Transaction<Tables>, machine: string) => Promise<void>
  /** Of several backends one at a time. */
  unlessLocked: (name: string, work: () => Promise<void>) => Promise<unknown>
  now: () => number
  log: Log
}
