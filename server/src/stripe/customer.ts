import type { Kysely } from 'kysely'
import type { Tables } from '../db/tables.ts'
import type { Stripe } from './open.ts'
import { asking } from './problem.ts'
import { findCustomer, keepCustomer } from './store.ts'

export interface CustomerPorts {
  db: Kysely<Tables>
  stripe: Stripe
  /** The e-mail address of an account. */
  emailOf: (account: string) => Promise<string | null>
  now: () => number
}

/**
 * Who an account is at Stripe; made there once, also after a lost answer.
 * @throws SpoqError `billing_unavailable`.
 */
export async function customerOf({ db, stripe, emailOf, now }: CustomerPorts, account: string): Promise<string> {
  const known = await findCustomer(db, account)
  if (known) return known
  const email = await emailOf(account)
  const asked = { ...(email ? { email } : {}), metadata: { account } }
  const { id } = await asking(() => stripe.customers.create(asked, { idempotencyKey: `customer ${account} ${email}` }))
  await keepCustomer(db, account, id, now())
  return id
}
