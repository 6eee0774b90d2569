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
  const id = (await madeBefore(stripe, account, email)) ?? (await make(stripe, account, email, now()))
  await keepCustomer(db, account, id, now())
  return id
}

/** One whose id we never got to know. */
async function madeBefore(stripe: Stripe, account: string, email: string | null): Promise<string | undefined> {
  if (email === null) return undefined
  const { data } = await asking(() => stripe.customers.list({ email, limit: 100 }))
  return data.find(({ metadata }) => metadata.account === account)?.id
}

/** A key that Stripe answers with a fault is one for an hour; the one before was looked for. */
async function make(stripe: Stripe, account: string, email: string | null, now: number): Promise<string> {
  const idempotencyKey = `customer ${account} ${email} ${Math.floor(now / 3_600_000)}`
  const asked = { ...(email ? { email } : {}), metadata: { account } }
  return (await asking(() => stripe.customers.create(asked, { idempotencyKey }))).id
}
