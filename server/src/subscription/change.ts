import { SpoqError } from '@spoq/contracts/problem'
import type { Subscription } from '@spoq/contracts/subscription'
import { type Asker, askedBy } from '../audit/asked-by.ts'
import { record } from '../audit/record.ts'
import { asking } from '../stripe/problem.ts'
import { assertFollowed, type Followed, followed } from './owner.ts'
import type { Selling } from './ports.ts'
import { changed } from './preview.ts'
import { priceOf } from './price.ts'
import { readSubscription } from './read.ts'
import { toSubscription } from './shape.ts'
import { findOf } from './store.ts'
import type { Wish } from './subscribe.ts'

/** How old a total may be that somebody agreed to, in ms. */
const agreedMs = 600_000

/**
 * Goes to another plan or interval at once. `at`: the second that the total was reckoned to. A card that is declined leaves
 * all as it was.
 * @throws SpoqError `subscription_none`, `subscription_state`, `plan_not_sold`, `price_changed`, `card_declined`, `billing_unavailable`.
 */
export async function change(
  ports: Selling,
  asker: Asker,
  wish: Wish & { at?: string | undefined },
): Promise<Subscription> {
  const { stripe, now } = ports
  const row = await followed(ports.db, asker.account)
  assertFollowed(row, ['active', 'trialing'])
  const at = wish.at === undefined ? now() : Date.parse(wish.at)
  if (Math.abs(now() - at) > agreedMs) throw new SpoqError('price_changed')
  if (row.plan === wish.plan && row.billing_interval === wish.interval) return toSubscription(row)
  const price = await priceOf(ports, wish.plan, wish.interval)
  const seconds = Math.floor(at / 1_000)
  const asked = await changed(stripe, row.stripe_id, price, seconds)
  const idempotencyKey = `change ${row.id} ${row.version} ${price} ${seconds}`
  await asking(() =>
    stripe.subscriptions.update(
      row.stripe_id,
      { ...asked, payment_behavior: 'error_if_incomplete' },
      { idempotencyKey },
    ),
  )
  return done(ports, asker, row, 'subscription.change', `${wish.plan} ${wish.interval}`)
}

/**
 * Ends it when what is paid is over. Asked again it changes nothing.
 * @throws SpoqError `subscription_none`, `billing_unavailable`.
 */
export const cancel = (ports: Selling, asker: Asker) => renewed(ports, asker, false)

/**
 * Takes that back.
 * @throws SpoqError `subscription_none`, `subscription_state` when it is over already, `billing_unavailable`.
 */
export const resume = (ports: Selling, asker: Asker) => renewed(ports, asker, true)

async function renewed(ports: Selling, asker: Asker, isRenewed: boolean): Promise<Subscription> {
  const row = await followed(ports.db, asker.account)
  assertFollowed(row, ['active', 'trialing', 'past_due'])
  if (row.cancel_at_period_end === !isRenewed) return toSubscription(row)
  const asked = { cancel_at_period_end: !isRenewed }
  await asking(() => ports.stripe.subscriptions.update(row.stripe_id, asked))
  return done(ports, asker, row, isRenewed ? 'subscription.resume' : 'subscription.cancel', null)
}

/** It is done at Stripe; the row follows. Should that be cut off, an event or the daily look brings it. */
async function done(ports: Selling, asker: Asker, row: Followed, action: string, to: string | null) {
  await ports.db
    .transaction()
    .execute(trx => record(trx, { ...askedBy(asker), action, resource: row.id, to }, ports.now()))
  await readSubscription(ports, row.stripe_id)
  return toSubscription((await findOf(ports.db, asker.account)) ?? row)
}
