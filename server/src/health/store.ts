// The SQL of the machines' health. Nobody else writes it, so that it is no new version of the row.

import { type Kysely, sql, type Transaction } from 'kysely'
import type { Health, OwnedRow, Tables } from '../db/tables.ts'

/** The machines that are to answer: they run, nothing is about to end them, and nothing is put back on them. */
export const listWatched = (db: Kysely<Tables>): Promise<OwnedRow[]> =>
  db
    .selectFrom('machine')
    .selectAll()
    .where('state', '=', 'running')
    .where('wanted', '=', 'running')
    .$narrowType<{ account_id: string }>()
    .where(sql<boolean>`holds = '[]'::jsonb`)
    .where(
      sql<boolean>`NOT EXISTS (SELECT 1 FROM machine_task t WHERE t.machine_id = machine.id AND t.state = 'waiting')`,
    )
    .where(
      sql<boolean>`NOT EXISTS (SELECT 1 FROM machine_restore r WHERE r.machine_id = machine.id AND r.state IN ('waiting', 'running'))`,
    )
    .orderBy('id')
    .execute()

/** False when the machine does not run any more. */
export async function writeHealth(trx: Transaction<Tables>, machine: string, health: Health): Promise<boolean> {
  const query = trx
    .updateTable('machine')
    .set({ health: JSON.stringify(health) })
    .where('id', '=', machine)
  return (await query.where('state', '=', 'running').executeTakeFirst()).numUpdatedRows > 0n
}

/** How many machines that run are healthy, and how many are not; those that were not looked at yet are neither. */
export async function countHealth(db: Kysely<Tables>): Promise<Record<Health['state'], number>> {
  const rows = await db
    .selectFrom('machine')
    .select([sql<Health['state']>`health->>'state'`.as('state'), sql<string>`count(*)`.as('count')])
    .where('state', '=', 'running')
    .where('health', 'is not', null)
    .groupBy(sql`health->>'state'`)
    .execute()
  return { healthy: 0, unhealthy: 0, ...Object.fromEntries(rows.map(({ state, count }) => [state, Number(count)])) }
}
