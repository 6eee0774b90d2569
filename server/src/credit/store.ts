// The SQL of top-ups, and of what is taken back of them. Nothing here decides anything.

import type { Kysely, Transaction } from 'kysely'
import type { NewTopUpRow, Tables, TopUpChange, TopUpRow } from '../db/tables.ts'

/** One, or the one that was made with that key before. */
export async function putTopUp(db: Kysely<Tables>, row: NewTopUpRow): Promise<TopUpRow> {
  const key = { asked_by: row.asked_by, idem_key: row.idem_key }
  const made = await db
    .insertInto('top_up')
    .values(row)
    .onConflict(on => on.columns(['asked_by', 'idem_key']).doNothing())
    .returningAll()
    .executeTakeFirst()
  if (made) return made
  const query = db.selectFrom('top_up').selectAll().where('asked_by', '=', key.asked_by)
  return query.where('idem_key', '=', key.idem_key).executeTakeFirstOrThrow()
}

export async function findTopUp(db: Kysely<Tables>, id: string): Promise<TopUpRow | undefined> {
  return db.selectFrom('top_up').selectAll().where('id', '=', id).executeTakeFirst()
}

/** By what it is called, or what was paid, at who takes the payment. */
export async function findBy(
  db: Kysely<Tables>,
  column: 'reference' | 'payment',
  value: string,
): Promise<TopUpRow | undefined> {
  return db.selectFrom('top_up').selectAll().where(column, '=', value).executeTakeFirst()
}

/** Nobody else changes it before the transaction ends. */
export async function lockTopUp(trx: Transaction<Tables>, id: string): Promise<TopUpRow> {
  return trx.selectFrom('top_up').selectAll().where('id', '=', id).forUpdate().executeTakeFirstOrThrow()
}

export async function changeTopUp(db: Kysely<Tables>, id: string, change: TopUpChange, now: number): Promise<TopUpRow> {
  const query = db.updateTable('top_up').set({ ...change, updated_at: new Date(now) })
  return query.where('id', '=', id).returningAll().executeTakeFirstOrThrow()
}

/** The same of one that is in that state still: it may be paid since it was read. Answers it as it is then. */
export async function changeWhile(
  db: Kysely<Tables>,
  { id, state }: Pick<TopUpRow, 'id' | 'state'>,
  change: TopUpChange,
  now: number,
): Promise<TopUpRow> {
  const query = db.updateTable('top_up').set({ ...change, updated_at: new Date(now) })
  await query.where('id', '=', id).where('state', '=', state).execute()
  return db.selectFrom('top_up').selectAll().where('id', '=', id).executeTakeFirstOrThrow()
}

/** How many of an account wait to be paid. */
export async function countWaiting(db: Kysely<Tables>, account: string): Promise<number> {
  const query = db.selectFrom('top_up').select(({ fn }) => fn.countAll<number>().as('count'))
  const row = await query.where('account_id', '=', account).where('state', '=', 'waiting').executeTakeFirstOrThrow()
  return Number(row.count)
}

/** Those to be looked at now, though nobody told of them. */
export async function listDue(db: Kysely<Tables>, now: number): Promise<TopUpRow[]> {
  const query = db.selectFrom('top_up').selectAll().where('next_at', '<=', new Date(now))
  return query.orderBy('next_at').limit(500).execute()
}

/** Those that wait for a person, the oldest first. */
export async function listReviewed(db: Kysely<Tables>): Promise<TopUpRow[]> {
  const query = db.selectFrom('top_up').selectAll().where('state', '=', 'review')
  return query.orderBy('updated_at').orderBy('id').limit(500).execute()
}

/** What a refund or a dispute has taken back until now. Its top-up is locked. */
export async function findTakenBack(trx: Transaction<Tables>, source: string) {
  const query = trx.selectFrom('taken_back').select(['cents', 'changes']).where('source', '=', source)
  return (await query.executeTakeFirst()) ?? { cents: 0, changes: 0 }
}

export async function putTakenBack(
  trx: Transaction<Tables>,
  { source, topUp, cents, changes }: { source: string; topUp: string; cents: number; changes: number },
  now: number,
): Promise<void> {
  const to = { cents, changes, updated_at: new Date(now) }
  await trx
    .insertInto('taken_back')
    .values({ source, top_up: topUp, ...to })
    .onConflict(on => on.column('source').doUpdateSet(to))
    .execute()
}

/** What the messages that tell of an object say. */
export async function payloadsOf(db: Kysely<Tables>, object: string): Promise<unknown[]> {
  const rows = await db.selectFrom('webhook').select('payload').where('object', '=', object).execute()
  return rows.map(({ payload }) => payload)
}
