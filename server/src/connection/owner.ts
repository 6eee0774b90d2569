import { SpoqError } from '@spoq/contracts/problem'
import type { Kysely } from 'kysely'
import type { Tables } from '../db/tables.ts'
import { findMachine } from '../machine/store.ts'
import { type ConnectionRow, findOwned } from './store.ts'

/** @throws SpoqError `connection_not_found`, also for somebody else's. */
export async function ownConnection(db: Kysely<Tables>, account: string, id: string): Promise<ConnectionRow> {
  const row = await findOwned(db, account, id)
  if (!row) throw new SpoqError('connection_not_found')
  return row
}

/** @throws SpoqError `connection_in_use` while its machine is not over. */
export async function assertFree(db: Kysely<Tables>, { machine_id }: ConnectionRow): Promise<void> {
  const machine = machine_id === null ? undefined : await findMachine(db, machine_id)
  if (!machine || machine.state === 'terminated') return
  throw new SpoqError('connection_in_use', {
    message: `The connection belongs to the machine ${machine.name}.`,
    next: `End it first: spoq machine terminate ${machine.name}.`,
  })
}
