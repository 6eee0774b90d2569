// The SQL of what those who take payments told us. Nothing here decides anything.

import { type Kysely, sql } from 'kysely'
import type { StaleRow, Tables } from '../db/tables.ts'

/** A message of somebody who takes payments for us. */
export interface NewWebhook {
  id: string
  type: string
  /** What has to be read again because of it. */
  stale: { kind: string; object: string } | null
  madeAt: Date
  receivedAt: Date
  payload: string
}

/** Keeps a message, once, and what is stale by it, in one statement. False: it was there already. */
export async function keepWebhook(db: Kysely<Tables>, message: NewWebhook): Promise<boolean> {
  const { stale } = message
  const kept = await sql<{ id: string }>`
    WITH kept AS (
      INSERT INTO webhook (id, type, object, made_at, received_at, payload)
      VALUES (${message.id}, ${message.type}, ${stale?.object ?? null}, ${message.madeAt}, ${message.receivedAt}, ${message.payload}::jsonb)
      ON CONFLICT DO NOTHING RETURNING id
    ), touched AS (
      INSERT INTO stale (object, kind, next_at)
      SELECT ${stale?.object ?? null}::text, ${stale?.kind ?? null}::text, ${message.receivedAt}::timestamptz FROM kept WHERE ${stale !== null}::boolean
      ON CONFLICT (object) DO UPDATE SET touched = stale.touched + 1, next_at = EXCLUDED.next_at, attempts = 0
    )
    SELECT id FROM kept`.execute(db)
  return kept.rows.length > 0
}

/** Has an object read again, whoever asks for that. */
export async function touch(db: Kysely<Tables>, kind: string, object: string, now: number): Promise<void> {
  const next_at = new Date(now)
  await db
    .insertInto('stale')
    .values({ object, kind, next_at })
    .onConflict(on => on.column('object').doUpdateSet({ touched: sql`stale.touched + 1`, next_at, attempts: 0 }))
    .execute()
}

export async function listStale(db: Kysely<Tables>, kinds: readonly string[], now: number, most: number) {
  const query = db.selectFrom('stale').selectAll().where('kind', 'in', kinds).where('next_at', '<=', new Date(now))
  return query.orderBy('next_at').limit(most).execute()
}

/** It was read; what was told of it meanwhile has it read once more. */
export async function dropStale(db: Kysely<Tables>, { object, touched }: StaleRow): Promise<void> {
  await db.deleteFrom('stale').where('object', '=', object).where('touched', '=', touched).execute()
}

export async function deferStale(db: Kysely<Tables>, { object, touched, attempts }: StaleRow, at: number) {
  await db
    .updateTable('stale')
    .set({ attempts: attempts + 1, next_at: new Date(at) })
    .where('object', '=', object)
    .where('touched', '=', touched)
    .execute()
}
