// Which machines may run is the plan's to say: when that changes they are suspended, or go on. The hold says why; other holds
// are left alone.

import type { Hold } from '@spoq/contracts/machine'
import type { Plan } from '@spoq/contracts/plan'
import type { Transaction } from 'kysely'
import { record } from '../audit/record.ts'
import type { OwnedRow, Tables } from '../db/tables.ts'
import { hardwareOf, isOfPlan } from './allowed.ts'
import { change } from './move.ts'
import type { MachinePorts } from './ports.ts'
import { lockOwnedAll } from './store.ts'

const hold: Hold = 'past_due'

/**
 * In the transaction that changes what an account pays for. `plan`: what it has from now on; null: nothing of it is paid, so
 * that none may run. What is over the limits of a plan is suspended; the oldest machines go on.
 */
export async function onPlanChanged(
  { providers, wake, now }: Pick<MachinePorts, 'providers' | 'wake' | 'now'>,
  trx: Transaction<Tables>,
  account: string,
  plan: Plan | null,
): Promise<void> {
  const rows = await lockOwnedAll(trx, account)
  const paid = new Set(plan ? included(rows, plan, providers) : [])
  for (const row of rows) {
    if (!isOfPlan(providers, row)) continue
    const isHeld = row.holds.includes(hold)
    if (isHeld !== paid.has(row.id)) continue
    const holds = isHeld ? row.holds.filter(one => one !== hold) : [...row.holds, hold]
    await change(trx, row, { holds: JSON.stringify(holds), attempts: 0, next_attempt_at: null }, now())
    const action = isHeld ? 'machine.release' : 'machine.hold'
    await record(trx, { actor: 'system', action, resource: row.id, reason: hold }, now())
    await wake(trx, row.id)
  }
}

/** The machines that a plan has room for, oldest first. Those that it does not pay for take none. */
function included(rows: readonly OwnedRow[], { limits }: Plan, providers: MachinePorts['providers']): string[] {
  const fitting = rows.filter(row => {
    const on = hardwareOf(providers, row.provider)
    return on !== 'own' && isOfPlan(providers, row) && limits.hardware.includes(on)
  })
  return fitting.slice(0, limits.machines ?? fitting.length).map(({ id }) => id)
}

/** Whether it is suspended because nobody pays for it. */
export const isUnpaid = ({ holds }: Pick<OwnedRow, 'holds'>): boolean => holds.includes(hold)
