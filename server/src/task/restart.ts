// The restart of a machine's Conductor: asked for by its owner, or by the watch over its health.

import type { Machine } from '@spoq/contracts/machine'
import { SpoqError } from '@spoq/contracts/problem'
import type { Transaction } from 'kysely'
import { type Asker, askedBy } from '../audit/asked-by.ts'
import type { MachineRow, Tables } from '../db/tables.ts'
import { lockOwnMachine } from '../machine/owner.ts'
import type { MachinePorts } from '../machine/ports.ts'
import { toMachine } from '../machine/shape.ts'
import { putTask } from './put.ts'
import { nextTasks } from './store.ts'

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
      await putTask(trx, row, { kind: 'restart' }, askedBy(asker), ports.now())
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
  await putTask(trx, row, { kind: 'restart', reason }, { actor: 'system' }, now)
  return true
}
