import { SpoqError } from '@spoq/contracts/problem'
import type { SubscriptionState } from '@spoq/contracts/subscription'
import type { Kysely } from 'kysely'
import type { SubscriptionRow, Tables } from '../db/tables.ts'
import { findOf } from './store.ts'

/** One that was paid for, and is followed at Stripe. */
export type Followed = SubscriptionRow & { stripe_id: string }

/** @throws SpoqError `subscription_none`. */
export async function followed(db: Kysely<Tables>, account: string): Promise<Followed> {
  const row = await findOf(db, account)
  if (row && row.stripe_id !== null && row.state !== 'ended') return row as Followed
  throw new SpoqError('subscription_none')
}

/** @throws SpoqError `subscription_state`. */
export function assertFollowed(row: Followed, states: readonly SubscriptionState[]): void {
  if (states.includes(row.state)) return
  const next = row.state === 'past_due' ? 'Pay what is open: spoq billing portal.' : 'Begin a new one: spoq subscribe.'
  throw new SpoqError('subscription_state', { message: `The subscription is ${row.state}.`, next })
}
