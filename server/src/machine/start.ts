import type { Machine } from '@spoq/contracts/machine'
import { SpoqError } from '@spoq/contracts/problem'
import type { Transaction } from 'kysely'
import { type Asker, askedBy } from '../audit/asked-by.ts'
import { record } from '../audit/record.ts'
import type { MachineRow, Tables } from '../db/tables.ts'
import { awake } from './awake.ts'
import { change, move } from './move.ts'
import { assertKept, lockOwnMachine } from './owner.ts'
import type { MachinePorts } from './ports.ts'
import { toMachine } from './shape.ts'
import { isEnding } from './state.ts'

const action = 'machine.start'
/** Whatever was tried before does not count against this start. */
const afresh = { wanted: 'running', attempts: 0, next_attempt_at: null } as const

/**
 * Wants a machine running; one that sleeps wakes. One that has failed is tried again from the beginning, with what the provider has of it.
 * @throws SpoqError `machine_not_found`; `machine_state` when it is ending.
 */
export async function start(ports: MachinePorts, asker: Asker, machine: string): Promise<Machine> {
  return ports.db.transaction().execute(async trx => {
    const row = await lockOwnMachine(trx, asker.account, machine)
    if (isEnding(row.state))
      throw new SpoqError('machine_state', { message: `${row.name} is ${row.state}; it cannot be started.` })
    assertKept(row)
    const isWanted = row.wanted === 'running' && !row.holds.includes('idle')
    if (row.state !== 'failed' && isWanted) return toMachine(row)
    const started = row.state === 'failed' ? await tryAgain(trx, ports, asker, row) : await want(trx, ports, asker, row)
    await ports.wake(trx, row.id)
    return toMachine(started)
  })
}

async function tryAgain(trx: Transaction<Tables>, { now }: MachinePorts, asker: Asker, row: MachineRow) {
  const { actor: by, ...asked } = askedBy(asker)
  const cause = { actor: 'owner', by, ...asked, action } as const
  const change = {
    ...afresh,
    holds: awake(row.holds),
    stage: 'trying again',
    provider_ref: null,
    error_code: null,
    error_message: null,
  }
  return move(trx, row, 'pending', cause, now(), change)
}

async function want(trx: Transaction<Tables>, { now }: MachinePorts, asker: Asker, row: MachineRow) {
  const wanted = await change(trx, row, { ...afresh, holds: awake(row.holds) }, now())
  await record(trx, { ...askedBy(asker), action, resource: row.id }, now())
  return wanted
}
