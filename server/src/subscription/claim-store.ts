// The SQL of what goes back of subscriptions. Nothing here decides anything.

import { type Kysely, sql, type Transaction } from 'kysely'
import type { SubscriptionClaimRow, Tables } from '../db/tables.ts'

export async function findClaim(db: Kysely<Tables>, source: string): Promise<SubscriptionClaimRow | undefined> {
  return db.selectFrom('subscription_claim').selectAll().where('source', '=', source).executeTakeFirst()
}

/** What was told of it before; nobody else tells of it before the transaction ends, also where nothing was told yet. */
export async function lockClaim(
  trx: Transaction<Tables>,
  { source }: Pick<SubscriptionClaimRow, 'source'>,
): Promise<SubscriptionClaimRow | undefined> {
  await sql`SELECT pg_advisory_xact_lock(hashtext('subscription.claim'), hashtext(${source}))`.execute(trx)
  return findClaim(trx, source)
}

export async function putClaim(
  trx: Transaction<Tables>,
  claim: Omit<SubscriptionClaimRow, 'updated_at'>,
  now: number,
): Promise<void> {
  const to = { state: claim.state, cents: claim.cents, updated_at: new Date(now) }
  await trx
    .insertInto('subscription_claim')
    .values({ ...claim, ...to })
    .onConflict(on => on.column('source').doUpdateSet(to))
    .execute()
}

/** How many disputes of subscriptions are in each state. */
export async function countDisputes(db: Kysely<Tables>): Promise<Record<string, number>> {
  const query = db.selectFrom('subscription_claim').select(['state', ({ fn }) => fn.countAll<string>().as('count')])
  const rows = await query.where('state', '<>', 'refunded').groupBy('state').execute()
  return Object.fromEntries(rows.map(({ state, count }) => [state, Number(count)]))
}
