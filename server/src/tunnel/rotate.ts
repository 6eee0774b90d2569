import type { Kysely } from 'kysely'
import type { Tables } from '../db/tables.ts'
import { nextGeneration } from './store.ts'

/** A machine that is off for longer has to be told another way. */
const keptMs = 7 * 86_400_000

/**
 * Gives a machine another token: it is told with its next access snapshot, so whoever calls this wakes it. Until then
 * the old one is good, unless it is `stolen`: then whoever has it is cut within seconds.
 */
export async function rotate(db: Kysely<Tables>, machine: string, now: number, { stolen = false } = {}): Promise<void> {
  await nextGeneration(db, machine, new Date(stolen ? now : now + keptMs))
}
