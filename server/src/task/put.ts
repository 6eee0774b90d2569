import type { Transaction } from 'kysely'
import { type NewRecord, record } from '../audit/record.ts'
import { newId } from '../db/new-id.ts'
import type { MachineRow, Tables } from '../db/tables.ts'
import { insertTask, type TaskRow } from './store.ts'

export type NewTask = Pick<TaskRow, 'kind'> &
  Partial<Pick<TaskRow, 'argument' | 'price_cents' | 'price_currency'>> & {
    /** For the record, where the argument is not what it is to tell. */
    reason?: string
  }

/** Writes what is to be done to a machine once, with its record. */
export async function putTask(
  trx: Transaction<Tables>,
  { id: machine_id }: Pick<MachineRow, 'id'>,
  { kind, argument = '', reason = argument, ...price }: NewTask,
  by: Pick<NewRecord, 'actor' | 'requestId' | 'credential'>,
  now: number,
): Promise<TaskRow> {
  const task = { id: newId('task'), machine_id, kind, argument, state: 'waiting', created_at: new Date(now) } as const
  await record(trx, { ...by, action: `machine.${kind}`, resource: machine_id, reason: reason || null }, now)
  return insertTask(trx, { ...task, ...price })
}
