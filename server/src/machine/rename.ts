import type { Machine } from '@spoq/contracts/machine'
import { SpoqError } from '@spoq/contracts/problem'
import { type Asker, askedBy } from '../audit/asked-by.ts'
import { record } from '../audit/record.ts'
import { claim } from '../name/claim.ts'
import { release } from '../name/release.ts'
import { isReserved } from '../name/reserved.ts'
import { change } from './move.ts'
import { lockOwnMachine } from './owner.ts'
import type { MachinePorts } from './ports.ts'
import { toMachine } from './shape.ts'
import { isEnding } from './state.ts'

/**
 * Gives a machine another name; the old one leads to it for 30 days more. The same name again changes nothing.
 * @throws SpoqError `machine_not_found`, `machine_state` when it is ending, `name_taken`.
 */
export async function rename(ports: MachinePorts, asker: Asker, machine: string, name: string): Promise<Machine> {
  if (isReserved(name)) throw new SpoqError('name_taken', { message: `The name ${name} is reserved.` })
  return ports.db.transaction().execute(async trx => {
    const row = await lockOwnMachine(trx, asker.account, machine)
    if (row.name === name) return toMachine(row)
    if (isEnding(row.state)) throw new SpoqError('machine_state', { message: `${row.name} is ${row.state}.` })
    const now = ports.now()
    await release(trx, row.id, now, row.name)
    if (!(await claim(trx, { name, account: asker.account, machine: row.id }, now))) throw new SpoqError('name_taken')
    const renamed = await change(trx, row, { name }, now)
    const why = { action: 'machine.rename', resource: row.id, reason: `${row.name} to ${name}` }
    await record(trx, { ...askedBy(asker), ...why }, now)
    await ports.wake(trx, row.id)
    return toMachine(renamed)
  })
}
