import type { Transaction } from 'kysely'
import type { Tables } from '../db/tables.ts'
import { giveBack } from './store.ts'

/** How long nobody else gets a name after it was given back: whoever remembers it must not meet a stranger. */
export const keptMs = 30 * 86_400_000

/**
 * Gives back what a machine is called, at its end or when it is renamed (then `name`, which leads to it for as long as it is
 * kept). To be called in the transaction that changes the machine.
 */
export async function release(trx: Transaction<Tables>, machine: string, now: number, name?: string): Promise<void> {
  await giveBack(trx, machine, new Date(now + keptMs), name)
}
