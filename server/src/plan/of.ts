import type { Plan, PlanName, PlanSource } from '@spoq/contracts/plan'
import type { Kysely, Transaction } from 'kysely'
import type { AccountPlanRow, Tables } from '../db/tables.ts'
import { listPlanRows } from './store.ts'
import { plans } from './table.ts'

/** What plans need from outside. */
export interface PlanPorts {
  db: Kysely<Tables>
  /** The plan of who has none. */
  usual: PlanName
  /** In the transaction that changes a plan: whoever is above does what follows from it. */
  changed: (trx: Transaction<Tables>, account: string) => Promise<void>
  now: () => number
}

/** The plan of an account, and why it has that one. */
export async function planOf(
  { db, usual }: Pick<PlanPorts, 'db' | 'usual'>,
  account: string,
): Promise<{ plan: Plan; source: PlanSource }> {
  const [row] = await listPlanRows(db, [account])
  return chosen(row, usual)
}

/** The plans of several accounts, in one look. */
export async function plansOf(
  { db, usual }: Pick<PlanPorts, 'db' | 'usual'>,
  accounts: readonly string[],
): Promise<(account: string) => Plan> {
  const rows = new Map((await listPlanRows(db, accounts)).map(row => [row.account_id, row]))
  return account => chosen(rows.get(account), usual).plan
}

function chosen(row: AccountPlanRow | undefined, usual: PlanName): { plan: Plan; source: PlanSource } {
  if (row?.given) return { plan: plans[row.given], source: 'given' }
  if (row?.bought) return { plan: plans[row.bought], source: 'bought' }
  return { plan: plans[usual], source: 'default' }
}
