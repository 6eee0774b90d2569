// The restart of a machine's Conductor: asked for by its owner, or by the watch over its health.

import type { Machine } from '@spoq/contracts/machine'
import { SpoqError } from '@spoq/contracts/problem'
import type { Transaction } from 'kysely'
import { type Asker, askedBy } from '../audit/asked-by.ts'
import { record } from '../audit/record.ts'
import { newId } from '../db/new-id.ts'
import type { MachineRow, Tables } from '../db/tables.ts'
import { lockOwnMachine } from '../machine/owner.ts'
import type { MachinePorts } from '../machine/ports.ts'
import { toMachine } from '../machine/shape.ts'
import { insertTask, nextTasks } from './store.ts'

/**
 * Wants the Conductor of a running machine restarted. While that is under way it is not asked for again.
 * @throws SpoqError `machine_not_found`, `machine_state`.
 */
export async function restart(ports: MachinePorts, asker: Asker, machine: string): Promise<Machine> {
  return ports.db.transaction().execute(async trx => {
    const row = await lockOwnMachine(trx, asker.account, machine)
    if (row.state !== 'running')
      throw new SpoqError('machine_state', {
        message: `${row.name} is ${row.state}; only one that runs is restarted.`,
        next: `Start it with spoq machine start ${row.name}.`,
      })
    if ((await nextTasks(trx, [row.id])).get(row.id)?.kind !== 'restart') {
      await insert(trx, row, ports.now())
      await record(trx, { ...askedBy(asker), action: 'machine.restart', resource: row.id }, ports.now())
    }
    await ports.wake(trx, row.id)
    return toMachine(row)
  })
}

/** The same by ourselves; false when something else is to be done to the machine. */
export async function askForRestart(
  trx: Transaction<Tables>,
  row: MachineRow,
  reason: string,
  now: number,
): Promise<boolean> {
  if ((await nextTasks(trx, [row.id])).has(row.id)) return false
  await insert(trx, row, now)
  await record(trx, { actor: 'system', action: 'machine.restart', resource: row.id, reason }, now)
  return true
}

const insert = (trx: Transaction<Tables>, { id }: MachineRow, now: number) =>
  insertTask(trx, {
    id: newId('task'),
    machine_id: id,
    kind: 'restart',
    argument: '',
    state: 'waiting',
    created_at: new Date(now),
  })
