import { SpoqError } from '@spoq/contracts/problem'
import type { Kysely, Transaction } from 'kysely'
import type { MachineRow, OwnedRow, Tables } from '../db/tables.ts'
import { findOwned, lockOwned } from './store.ts'

/**
 * The machine, if it is the account's.
 * @throws SpoqError `machine_not_found`, also for somebody else's: that it exists is nobody's business.
 */
export async function ownMachine(db: Kysely<Tables>, account: string, machine: string): Promise<OwnedRow> {
  return found(await findOwned(db, account, machine))
}

/** The same, locked until the transaction ends. */
export async function lockOwnMachine(trx: Transaction<Tables>, account: string, machine: string): Promise<OwnedRow> {
  return found(await lockOwned(trx, account, machine))
}

/** Whether a token of the account may be for this machine. */
export async function ownsMachine(db: Kysely<Tables>, account: string, machine: string): Promise<boolean> {
  const row = await findOwned(db, account, machine)
  return row !== undefined && row.state !== 'terminated'
}

/** @throws SpoqError `machine_state` for one that is in the grace before its end. */
export function assertKept({ name, ending }: MachineRow): void {
  if (ending === null) return
  throw new SpoqError('machine_state', {
    message: `${name} ends on ${ending.endsAt.slice(0, 10)}.`,
    next: `Undo that first: spoq machine keep ${name}.`,
  })
}

function found(row: OwnedRow | undefined): OwnedRow {
  if (!row) throw new SpoqError('machine_not_found')
  return row
}
