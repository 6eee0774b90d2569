import { forgetTold } from '../access/store.ts'
import { record } from '../audit/record.ts'
import type { MachineRow } from '../db/tables.ts'
import { change, StaleRow } from '../machine/move.ts'
import type { IdlePorts } from './ports.ts'

/**
 * Puts a machine to sleep if nobody uses it. It takes no request from before the hold is written; where something else was
 * wanted of it meanwhile it is told its access anew, which lets it take them again.
 * @returns when to ask it again, in ms; null: it sleeps.
 */
export async function sleep(ports: IdlePorts, row: MachineRow, idleMs: number): Promise<number | null> {
  const { asleep, activeAt } = await ports.fallAsleep(row, idleMs)
  if (!asleep) return Math.max(activeAt, ports.now() - idleMs) + idleMs
  if (await held(ports, row)) return null
  await ports.db.transaction().execute(async trx => {
    await forgetTold(trx, row.id)
    await ports.wake(trx, row.id)
  })
  return ports.now() + idleMs
}

async function held({ db, wake, now }: IdlePorts, row: MachineRow): Promise<boolean> {
  try {
    await db.transaction().execute(async trx => {
      await change(trx, row, { holds: JSON.stringify(['idle']) }, now())
      await record(trx, { actor: 'system', action: 'machine.sleep', resource: row.id }, now())
      await wake(trx, row.id)
    })
    return true
  } catch (error) {
    if (error instanceof StaleRow) return false
    throw error
  }
}
