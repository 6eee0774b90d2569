import type { Transaction } from 'kysely'
import type { Tables } from '../db/tables.ts'
import { giveBack, takeName } from './store.ts'

export interface Claim {
  name: string
  account: string
  machine: string
}

/**
 * Takes a name for a machine; of several who try at once one gets it. False when it is taken, or was given back by another
 * account less than 30 days ago. To be called in the transaction that makes or renames the machine.
 */
export async function claim(
  trx: Transaction<Tables>,
  { name, account, machine }: Claim,
  now: number,
): Promise<boolean> {
  return takeName(trx, { name, account_id: account, machine_id: machine }, new Date(now))
}

/** Undoes a claim of the same transaction, as if it had never been. */
export async function disclaim(trx: Transaction<Tables>, machine: string, name: string, now: number): Promise<void> {
  await giveBack(trx, machine, new Date(now), name)
}
