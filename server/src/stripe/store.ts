// The SQL of who is who at Stripe. Nothing here decides anything.

import type { Kysely } from 'kysely'
import type { Tables } from '../db/tables.ts'

export async function findCustomer(db: Kysely<Tables>, account: string): Promise<string | undefined> {
  const query = db.selectFrom('stripe_customer').select('customer').where('account_id', '=', account)
  return (await query.executeTakeFirst())?.customer
}

/** Whose account a customer is. */
export async function accountOf(db: Kysely<Tables>, customer: string): Promise<string | undefined> {
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
