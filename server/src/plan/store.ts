// The SQL of plans. Nothing here decides anything.

import type { PlanName } from '@spoq/contracts/plan'
import { type Kysely, sql } from 'kysely'
import type { AccountPlanRow, Tables } from '../db/tables.ts'

export async function listPlanRows(db: Kysely<Tables>, accounts: readonly string[]): Promise<AccountPlanRow[]> {
  if (accounts.length === 0) return []
  return db.selectFrom('account_plan').selectAll().where('account_id', '=', sql<string>`ANY(${accounts})`).execute()
}

export const findPlan = async (db: Kysely<Tables>, account: string): Promise<AccountPlanRow | undefined> =>
  (await listPlanRows(db, [account]))[0]

/** Writes what changed; the rest stays. */
export async function keepPlan(
  db: Kysely<Tables>,
  account: string,
  changed: { bought: PlanName | null } | { given: PlanName | null; given_reason: string },
  now: number,
): Promise<void> {
  const row = { ...changed, updated_at: new Date(now) }
  await db
    .insertInto('account_plan')
    .values({ account_id: account, ...row })
    .onConflict(on => on.column('account_id').doUpdateSet(row))
    .execute()
}
