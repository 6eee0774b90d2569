// The one place where a machine's row changes, and where a state never changes without its audit record.

import type { MachineState } from '@spoq/contracts/machine'
import { SpoqError } from '@spoq/contracts/problem'
import type { Kysely, Transaction } from 'kysely'
import { record } from '../audit/record.ts'
import { giveBackFirstDay } from '../credit/give-back.ts'
import { dropPrepaid } from '../credit/prepaid.ts'
import type { MachineChange, MachineRow, Tables } from '../db/tables.ts'
import { release } from '../name/release.ts'
import { type Actor, mayMove } from './state.ts'
import { changeRecorded, changeRow } from './store.ts'

/** Who does it and why, for the audit record. */
export interface Cause {
  actor: Actor
  /** `account:ID`, or `reconciler`. */
  by: string
  action: string
  reason?: string
  requestId?: string
  /** The login, the token or the trust that it was asked with. */
  credential?: string | null
}

/** Somebody else changed the row since it was read: read it again. */
export class StaleRow extends Error {
  override readonly name = 'StaleRow'
}

/**
 * Changes the state of a machine along an edge of the table, with whatever else changes, and writes the audit record.
 * @throws SpoqError `machine_state` when the table has no such edge for the actor; nothing changes then.
 * @throws StaleRow when the row is not the one that was read.
 */
export async function move(
  trx: Transaction<Tables>,
  row: MachineRow,
  to: MachineState,
  cause: Cause,
  now: number,
  change: MachineChange = {},
): Promise<MachineRow> {
  if (!mayMove(row.state, to, cause.actor)) throw refused(row, to)
  const moved = await write(trx, row, { ...change, state: to }, now)
  if (to === 'terminating') {
    const isOwed = !unusable.includes(row.state)
    await dropPrepaid(trx, row.id, { now, isOwed })
    if (!isOwed) await giveBackFirstDay(trx, row.id, now)
  }
  if (to === 'terminated') await release(trx, row.id, now)
  await record(trx, { ...cause, actor: cause.by, resource: row.id, from: row.state, to }, now)
  return moved
}

/** In these nobody can have used a machine. */
const unusable: readonly MachineState[] = ['pending', 'provisioning', 'failed']

/**
 * The same in one statement, in no transaction of the caller's; not for the end of a machine, which gives back its name too, and is paid until then.
 * @throws SpoqError, StaleRow as `move`.
 */
export async function moveAtOnce(
  db: Kysely<Tables>,
  row: MachineRow,
  to: Exclude<MachineState, 'terminating' | 'terminated'>,
  { actor, by, ...cause }: Cause,
  now: number,
  change: MachineChange = {},
): Promise<MachineRow> {
  if (!mayMove(row.state, to, actor)) throw refused(row, to)
  const why = { ...cause, actor: by, from: row.state, to }
  const moved = await changeRecorded(db, row, { ...change, state: to }, why, now)
  if (!moved) throw stale(row)
  return moved
}

/**
 * Changes a row but for its state.
 * @throws StaleRow when the row is not the one that was read.
 */
export async function change(
  trx: Transaction<Tables>,
  row: MachineRow,
  changed: Omit<MachineChange, 'state'>,
  now: number,
): Promise<MachineRow> {
  return write(trx, row, changed, now)
}

async function write(trx: Transaction<Tables>, row: MachineRow, changed: MachineChange, now: number) {
  const written = await changeRow(trx, row, changed, now)
  if (!written) throw stale(row)
  return written
}

const stale = ({ id, version }: MachineRow) => new StaleRow(`machine ${id} is no longer at version ${version}`)

function refused(row: MachineRow, to: MachineState): SpoqError {
  return new SpoqError('machine_state', { message: `${row.name} is ${row.state}; it cannot become ${to} from there.` })
}
