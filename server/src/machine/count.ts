// What operators watch of all machines together.

import { type Kysely, sql } from 'kysely'
import type { Tables } from '../db/tables.ts'
import { warmStage } from './unclaimed.ts'

/** How many machines of people are in each state; a state without one is left out. */
export async function countByState(db: Kysely<Tables>): Promise<Record<string, number>> {
  const rows = await db
    .selectFrom('machine')
    .select(({ fn }) => ['state', fn.countAll<string>().as('count')])
    .where('account_id', 'is not', null)
    .groupBy('state')
    .execute()
  return Object.fromEntries(rows.map(({ state, count }) => [state, Number(count)]))
}

/** How many that were made ahead are ready to be claimed, and how many are in the making. */
export async function countUnclaimed(db: Kysely<Tables>): Promise<Record<'warm' | 'making', number>> {
  const rows = await db
    .selectFrom('machine')
    .select(({ fn }) => [
      sql<boolean>`coalesce(stage = ${warmStage}, false)`.as('warm'),
      fn.countAll<string>().as('count'),
    ])
    .where('account_id', 'is', null)
    .where('state', 'in', ['pending', 'provisioning'])
    .groupBy(sql`1`)
    .execute()
  const of = (warm: boolean) => Number(rows.find(row => row.warm === warm)?.count ?? 0)
  return { warm: of(true), making: of(false) }
}

/**
 * Seconds since the machine that has waited longest was asked for something that is not done yet; 0 when none waits.
 * One that failed and waits for its next try counts from the moment of that try.
 */
export async function reconcileLag(db: Kysely<Tables>, now: number): Promise<number> {
  const row = await db
    .selectFrom('machine')
    .select(sql<Date | null>`min(coalesce(next_attempt_at, updated_at))`.as('since'))
    .whereRef('state', '<>', 'wanted')
    .where('state', 'not in', ['failed', 'terminated'])
    // One that is made ahead rests while it is nobody's.
    .where(sql<boolean>`NOT (account_id IS NULL AND stage = ${warmStage})`)
    // One that runs for its final backup is as well.
    .where('ending', 'is', null)
    // A machine that is held is where it should be.
    .where(sql<boolean>`NOT (state = 'suspended' AND holds <> '[]'::jsonb AND wanted <> 'terminated')`)
    .executeTakeFirst()
  return row?.since ? Math.max(0, (now - row.since.getTime()) / 1_000) : 0
}
