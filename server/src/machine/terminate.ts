import type { Machine } from '@spoq/contracts/machine'
import { move } from './move.ts'
import { lockOwnMachine } from './owner.ts'
import type { Asker, MachinePorts } from './ports.ts'
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
    const by = `account:${asker.account}`
    const cause = { actor: 'owner', by, action: 'machine.terminate', requestId: asker.requestId } as const
    const ending = { wanted: 'terminated', stage: 'ending', attempts: 0, next_attempt_at: null } as const
    const terminating = await move(trx, row, 'terminating', cause, ports.now(), ending)
    await ports.wake(trx, row.id)
    return toMachine(terminating)
  })
}
