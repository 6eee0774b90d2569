// The SQL of what machines were told. A number is given out once, whoever asks for it.

import { type Kysely, type Selectable, sql } from 'kysely'
import { backoffMs } from '../backoff.ts'
import type { MachineAccessTable, Tables } from '../db/tables.ts'

/** After more tries than that the pause is as long as it gets. */
const mostPauses = 10

export type AccessRow = Selectable<MachineAccessTable>

export function listTold(db: Kysely<Tables>, machines: readonly string[]): Promise<AccessRow[]> {
  return db.selectFrom('machine_access').selectAll().where('machine_id', '=', sql<string>`ANY(${machines})`).execute()
}

/**
 * The next number of a machine, higher than all before it and than `above`; counts a try more, and says when the next is due:
 * after the pause (`backoff.ts`) that follows so many.
 */
export async function takeNumber(db: Kysely<Tables>, machine: string, above: number, now: number): Promise<number> {
  const pauses = sql.val(Array.from({ length: mostPauses }, (_, tried) => new Date(now + backoffMs(tried + 1))))
  const { number } = await db
    .insertInto('machine_access')
    .values({ machine_id: machine, number: above + 1, attempts: 1, next_attempt_at: new Date(now + backoffMs(1)) })
    .onConflict(conflict =>
      conflict.column('machine_id').doUpdateSet({
        number: sql`greatest(machine_access.number, ${above}::integer) + 1`,
        attempts: sql`machine_access.attempts + 1`,
        next_attempt_at: sql`(${pauses}::timestamptz[])[least(machine_access.attempts + 1, ${mostPauses}::integer)]`,
      }),
    )
    .returning('number')
    .executeTakeFirstOrThrow()
  return number
}

/** Nothing is known of what the machine goes by: it is told again. */
export async function forgetTold(db: Kysely<Tables>, machine: string): Promise<void> {
  await db.updateTable('machine_access').set({ acknowledged: null }).where('machine_id', '=', machine).execute()
}

/** The machine goes by this number; nothing happens when a later one was given out meanwhile. */
export async function acknowledge(db: Kysely<Tables>, machine: string, number: number, hash: string): Promise<void> {
  await db
    .updateTable('machine_access')
    .set({ acknowledged: hash, attempts: 0, next_attempt_at: null })
    .where('machine_id', '=', machine)
    .where('number', '=', number)
    .execute()
}
