import type { Machine } from '@spoq/contracts/machine'
import { SpoqError } from '@spoq/contracts/problem'
import { type Asker, askedBy } from '../audit/asked-by.ts'
import { record } from '../audit/record.ts'
import { awake } from './awake.ts'
import { change } from './move.ts'
import { assertKept, lockOwnMachine } from './owner.ts'
import type { MachinePorts } from './ports.ts'
import { toMachine } from './shape.ts'
import { isEnding } from './state.ts'

/**
 * Wants a machine stopped, its files kept. One that is still being made is made first.
 * @throws SpoqError `machine_not_found`; `machine_state` when it is ending or has failed.
 */
export async function stop(ports: MachinePorts, asker: Asker, machine: string): Promise<Machine> {
  return ports.db.transaction().execute(async trx => {
    const row = await lockOwnMachine(trx, asker.account, machine)
    if (isEnding(row.state) || row.state === 'failed')
      throw new SpoqError('machine_state', { message: `${row.name} is ${row.state}; it cannot be stopped.` })
    assertKept(row)
    if (row.wanted === 'stopped') return toMachine(row)
    const now = ports.now()
    const stopped = { wanted: 'stopped', holds: awake(row.holds), attempts: 0, next_attempt_at: null } as const
    const wanted = await change(trx, row, stopped, now)
    await record(trx, { ...askedBy(asker), action: 'machine.stop', resource: row.id }, now)
    await ports.wake(trx, row.id)
    return toMachine(wanted)
  })
}
