// The SQL of what Stripe told us. Nothing here decides anything.

import { type Kysely, sql } from 'kysely'
import type { StripeStaleRow, Tables } from '../db/tables.ts'

export interface NewEvent {
  id: string
  type: string
  /** What has to be read again because of it. */
  stale: { kind: string; object: string } | null
  madeAt: Date
  receivedAt: Date
  payload: string
}

/** Keeps an event, once, and what is stale by it, in one statement. False: it was there already. */
export async function keepEvent(db: Kysely<Tables>, event: NewEvent): Promise<boolean> {
  const { stale } = event
  const kept = await sql<{ id: string }>`
    WITH kept AS (
      INSERT INTO stripe_event (id, type, object, made_at, received_at, payload)
      VALUES (${event.id}, ${event.type}, ${stale?.object ?? null}, ${event.madeAt}, ${event.receivedAt}, ${event.payload}::jsonb)
      ON CONFLICT DO NOTHING RETURNING id
    ), touched AS (
      INSERT INTO stripe_stale (object, kind, next_at)
      SELECT ${stale?.object ?? null}::text, ${stale?.kind ?? null}::text, ${event.receivedAt}::timestamptz FROM kept WHERE ${stale !== null}::boolean
      ON CONFLICT (object) DO UPDATE SET touched = stripe_stale.touched + 1, next_at = EXCLUDED.next_at, attempts = 0
    )
    SELECT id FROM kept`.execute(db)
  return kept.rows.length > 0
}

/** Has an object read again, whoever asks for that. */
export async function touch(db: Kysely<Tables>, kind: string, object: string, now: number): Promise<void> {
  const next_at = new Date(now)
  await db
    .insertInto('stripe_stale')
    .values({ object, kind, next_at })
    .onConflict(on => on.column('object').doUpdateSet({ touched: sql`stripe_stale.touched + 1`, next_at, attempts: 0 }))
    .execute()
}

export async function listStale(db: Kysely<Tables>, now: number, most: number): Promise<StripeStaleRow[]> {
  const query = db.selectFrom('stripe_stale').selectAll().where('next_at', '<=', new Date(now))
  return query.orderBy('next_at').limit(most).execute()
}

/** It was read; what was told of it meanwhile has it read once more. */
export async function dropStale(db: Kysely<Tables>, { object, touched }: StripeStaleRow): Promise<void> {
  await db.deleteFrom('stripe_stale').where('object', '=', object).where('touched', '=', touched).execute()
}

export async function deferStale(db: Kysely<Tables>, { object, touched, attempts }: StripeStaleRow, at: number) {
  await db
    .updateTable('stripe_stale')
    .set({ attempts: attempts + 1, next_at: new Date(at) })
    .where('object', '=', object)
    .where('touched', '=', touched)
    .execute()
}

export async function findCustomer(db: Kysely<Tables>, account: string): Promise<string | undefined> {
  const query = db.selectFrom('stripe_customer').select('customer').where('account_id', '=', account)
  return (await query.executeTakeFirst())?.customer
}

export async function findAccountOf(db: Kysely<Tables>, customer: string): Promise<string | undefined> {
  const query = db.selectFrom('stripe_customer').select('account_id').where('customer', '=', customer)
  return (await query.executeTakeFirst())?.account_id
}

/** Two who make one at the same time got the same from Stripe. */
export async function keepCustomer(db: Kysely<Tables>, account: string, customer: string, now: number): Promise<void> {
  await db
    .insertInto('stripe_customer')
    .values({ account_id: account, customer, created_at: new Date(now) })
    .onConflict(on => on.doNothing())
    .execute()
}
