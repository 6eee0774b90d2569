import type { Machine } from '@spoq/contracts/machine'
import type { Kysely } from 'kysely'
import type { Tables } from '../db/tables.ts'
import { ownMachine } from './owner.ts'
import { toMachine } from './shape.ts'

/**
 * One machine of an account.
 * @throws SpoqError `machine_not_found`.
 */
export async function show(db: Kysely<Tables>, account: string, machine: string): Promise<Machine> {
  return toMachine(await ownMachine(db, account, machine))
}
