// Machines that are paid from credit run while there is some: the hold says why they do not; other holds are left alone.

import type { Hold } from '@spoq/contracts/machine'
import type { Transaction } from 'kysely'
import { record } from '../audit/record.ts'
import { prepaidOf } from '../credit/prepaid.ts'
import type { Tables } from '../db/tables.ts'
import { change } from './move.ts'
import type { MachinePorts } from './ports.ts'
import { lockOwnedAll } from './store.ts'

const hold: Hold = 'balance'

/** In the transaction that finds whether an account's credit is used up. It may be called when nothing changed. */
export async function onCreditChanged(
  { wake, now }: Pick<MachinePorts, 'wake' | 'now'>,
  trx: Transaction<Tables>,
  account: string,
  isEmpty: boolean,
): Promise<void> {
  const prepaid = new Set(await prepaidOf(trx, account))
  for (const row of await lockOwnedAll(trx, account)) {
    const isHeld = row.holds.includes(hold)
    const isUnpaid = isEmpty && prepaid.has(row.id)
    if (isHeld === isUnpaid) continue
    const holds = isUnpaid ? [...row.holds, hold] : row.holds.filter(one => one !== hold)
    await change(trx, row, { holds: JSON.stringify(holds), attempts: 0, next_attempt_at: null }, now())
    const action = isUnpaid ? 'machine.hold' : 'machine.release'
    await record(trx, { actor: 'system', action, resource: row.id, reason: hold }, now())
    await wake(trx, row.id)
  }
}
