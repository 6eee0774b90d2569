import type { Machine } from '@spoq/contracts/machine'
import { SpoqError } from '@spoq/contracts/problem'
import { type Asker, askedBy } from '../audit/asked-by.ts'
import { record } from '../audit/record.ts'
import { changeBackup } from '../backup/store.ts'
import { change } from '../machine/move.ts'
import { lockOwnMachine } from '../machine/owner.ts'
import { toMachine } from '../machine/shape.ts'
import { isEnding } from '../machine/state.ts'
import { endingOf } from './hold.ts'
import type { EndingPorts } from './ports.ts'

/**
 * Undoes the end of a machine: it is wanted as it was before. Asked again it changes nothing.
 * @throws SpoqError `machine_not_found`; `machine_state` once it is being removed.
 */
export async function keep({ db, now, wake }: EndingPorts, asker: Asker, machine: string): Promise<Machine> {
  return db.transaction().execute(async trx => {
    const row = await lockOwnMachine(trx, asker.account, machine)
    if (isEnding(row.state))
      throw new SpoqError('machine_state', {
        message: `${row.name} is ${row.state}; it cannot be kept any more.`,
        next: `What is left of it: spoq backup list ${row.id}.`,
      })
    if (!row.ending) return toMachine(row)
    const kept = await change(trx, row, endingOf(row, null), now())
    // One that is ready stays, as any backup; nobody needs one that is not.
    const { backup } = row.ending
    if (backup) await changeBackup(trx, backup, ['waiting', 'making'], { state: 'removing', next_attempt_at: null })
    await record(trx, { ...askedBy(asker), action: 'machine.keep', resource: row.id }, now())
    await wake(trx, row.id)
    return toMachine(kept)
  })
}
