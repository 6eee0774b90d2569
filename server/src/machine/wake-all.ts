import type { Transaction } from 'kysely'
import type { Tables } from '../db/tables.ts'
import type { MachinePorts } from './ports.ts'
import { listIdsOwned } from './store.ts'

/** Has the reconciler look at every machine of an account once the transaction is committed. */
export async function wakeAll(trx: Transaction<Tables>, account: string, wake: MachinePorts['wake']): Promise<void> {
  for (const machine of await listIdsOwned(trx, account)) await wake(trx, machine)
}
