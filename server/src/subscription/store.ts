// The SQL of subscriptions. Nothing here decides anything.

import type { PlanName } from '@spoq/contracts/plan'
import type { Kysely, Transaction } from 'kysely'
import type { SubscriptionChange, SubscriptionRow, Tables } from '../db/tables.ts'

export async function findOf(db: Kysely<Tables>, account: string): Promise<SubscriptionRow | undefined> {
  return db.selectFrom('subscription').selectAll().where('account_id', '=', account).executeTakeFirst()
}

export async function findById(db: Kysely<Tables>, id: string): Promise<SubscriptionRow | undefined> {
  return db.selectFrom('subscription').selectAll().where('id', '=', id).executeTakeFirst()
}

export async function findByStripe(db: Kysely<Tables>, stripe: string): Promise<SubscriptionRow | undefined> {
  return db.selectFrom('subscription').selectAll().where('stripe_id', '=', stripe).executeTakeFirst()
}

/** Nobody else changes it before the transaction ends. */
export async function lockById(trx: Transaction<Tables>, id: string): Promise<SubscriptionRow | undefined> {
  return trx.selectFrom('subscription').selectAll().where('id', '=', id).forUpdate().executeTakeFirst()
}

/** One that nothing was paid for yet, or the one that is there. */
export async function putIncomplete(
  db: Kysely<Tables>,
  { id, account, plan, interval }: { id: string; account: string; plan: PlanName; interval: 'month' | 'year' },
  now: number,
): Promise<SubscriptionRow> {
  const at = new Date(now)
  const fresh = { id, account_id: account, plan, billing_interval: interval, state: 'incomplete' } as const
  await db
    .insertInto('subscription')
    .values({ ...fresh, created_at: at, updated_at: at })
    .onConflict(on => on.column('account_id').doNothing())
    .execute()
  return (await findOf(db, account)) as SubscriptionRow
}

export async function changeSubscriptionRow(
  db: Kysely<Tables>,
  { id, version }: SubscriptionRow,
  change: SubscriptionChange,
  now: number,
): Promise<SubscriptionRow | undefined> {
  return db
    .updateTable('subscription')
    .set({ ...change, version: version + 1, updated_at: new Date(now) })
    .where('id', '=', id)
    .where('version', '=', version)
    .returningAll()
    .executeTakeFirst()
}

/** Those that time alone changes now. */
export async function listDue(db: Kysely<Tables>, now: number): Promise<SubscriptionRow[]> {
  return db.selectFrom('subscription').selectAll().where('next_at', '<=', new Date(now)).execute()
}

/** Those that Stripe was not asked about since then, and is not about to be: an event may have been lost. */
export async function listUnread(db: Kysely<Tables>, since: number): Promise<SubscriptionRow[]> {
  const query = db.selectFrom('subscription').selectAll().where('stripe_id', 'is not', null)
  return query
    .where('state', '<>', 'ended')
    .where('read_at', '<=', new Date(since))
    .where(({ not, exists, selectFrom }) =>
      not(exists(selectFrom('stale').select('object').whereRef('stale.object', '=', 'subscription.stripe_id'))),
    )
    .limit(500)
    .execute()
}
