// The SQL of tunnel tokens: which generation is good. Nothing here decides anything.

import { type Kysely, type Selectable, sql } from 'kysely'
import type { MachineTunnelTable, Tables } from '../db/tables.ts'

export type TunnelRow = Selectable<MachineTunnelTable>

export function listGenerations(db: Kysely<Tables>, machines: readonly string[]): Promise<TunnelRow[]> {
  return db.selectFrom('machine_tunnel').selectAll().where('machine_id', '=', sql<string>`ANY(${machines})`).execute()
}

/** Of these machines, those that are not over and not wanted to be. */
export async function listAlive(db: Kysely<Tables>, machines: readonly string[]): Promise<string[]> {
  const rows = await db
    .selectFrom('machine')
    .select('id')
    .where('id', '=', sql<string>`ANY(${machines})`)
    .where('wanted', '<>', 'terminated')
    .execute()
  return rows.map(({ id }) => id)
}

/** The next generation; the one before is good until then. */
export async function nextGeneration(db: Kysely<Tables>, machine: string, previousUntil: Date): Promise<void> {
  await db
    .insertInto('machine_tunnel')
    .values({ machine_id: machine, generation: 2, previous_until: previousUntil })
    .onConflict(on =>
      on
        .column('machine_id')
        .doUpdateSet({ generation: sql`machine_tunnel.generation + 1`, previous_until: previousUntil }),
    )
    .execute()
}
