import type { Machine } from '@spoq/contracts/machine'
import { type Asker, askedBy } from '../audit/asked-by.ts'
import { move } from './move.ts'
import { lockOwnMachine } from './owner.ts'
import type { MachinePorts } from './ports.ts'
import { toMachine } from './shape.ts'
import { isEnding } from './state.ts'

/**
 * Wants a machine gone with all its files, whatever its state. Asked again it changes nothing more.
 * @throws SpoqError `machine_not_found`.
 */
export async function terminate(ports: MachinePorts, asker: Asker, machine: string): Promise<Machine> {
  return ports.db.transaction().execute(async trx => {
    const row = await lockOwnMachine(trx, asker.account, machine)
    if (isEnding(row.state)) return toMachine(row)
    const { actor: by, ...asked } = askedBy(asker)
    const cause = { actor: 'owner', by, ...asked, action: 'machine.terminate' } as const
    const ending = { wanted: 'terminated', stage: 'ending', attempts: 0, next_attempt_at: null } as const
    const terminating = await move(trx, row, 'terminating', cause, ports.now(), ending)
    await ports.wake(trx, row.id)
    return toMachine(terminating)
  })
}
