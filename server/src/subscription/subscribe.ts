import type { BillingInterval, PlanName } from '@spoq/contracts/plan'
import { SpoqError } from '@spoq/contracts/problem'
import type { Subscription } from '@spoq/contracts/subscription'
import { type Asker, askedBy } from '../audit/asked-by.ts'
import { record } from '../audit/record.ts'
import { newId } from '../db/new-id.ts'
import type { SubscriptionRow } from '../db/tables.ts'
import { customerOf } from '../stripe/customer.ts'
import type { Stripe } from '../stripe/open.ts'
import { asking, isFault } from '../stripe/problem.ts'
import { touch } from '../webhook/store.ts'
import { couponOf } from './coupon.ts'
import { hasPlan } from './lifecycle.ts'
import type { Selling } from './ports.ts'
import { centsOf, priceOf } from './price.ts'
import { isAlive } from './read.ts'
import { toSubscription } from './shape.ts'
import { changeSubscriptionRow, findOf, putIncomplete } from './store.ts'

export interface Wish {
  plan: PlanName
  interval: BillingInterval
  coupon?: string | undefined
}

/**
 * Begins a subscription: answers where it is paid. Nothing is given before that. Asked again for the same it answers the
 * same, asked for another the former can no longer be paid.
 * @throws SpoqError `email_unverified`, `plan_not_sold`, `coupon_unknown`, `subscription_exists`, `billing_unavailable`.
 */
export async function subscribe(ports: Selling, asker: Asker, wish: Wish): Promise<Subscription> {
  const { db, now } = ports
  centsOf(wish.plan, wish.interval)
  if (!(await ports.isVerified(asker.account))) throw new SpoqError('email_unverified')
  const wanted = { id: newId('subscription'), account: asker.account, plan: wish.plan, interval: wish.interval }
  const row = await putIncomplete(db, wanted, now())
  await assertMayBegin(ports, row)
  if (isOpen(row, wish, now())) return toSubscription(row)
  const waiting = await begun(ports, asker, row, wish)
  const session = await openCheckout(ports, waiting, wish)
  const opened = {
    checkout: session.id,
    checkout_url: session.url,
    checkout_expires_at: new Date(session.expires_at * 1_000),
  }
  // Another request may have begun another one meanwhile: that one's goes before.
  const written = await changeSubscriptionRow(db, waiting, opened, now())
  return toSubscription(written ?? ((await findOf(db, asker.account)) as SubscriptionRow))
}

/** One that can be paid there, or resumed, is not begun anew. */
async function assertMayBegin({ stripe }: Selling, { state, stripe_id }: SubscriptionRow): Promise<void> {
  if (hasPlan(state)) throw new SpoqError('subscription_exists')
  if (stripe_id === null || !(await isAlive(stripe, stripe_id))) return
  throw new SpoqError('subscription_exists', {
    message: 'There is a subscription that waits for its payment.',
    next: 'Pay it: spoq billing portal.',
  })
}

/** The checkout that was made for just this, and can still be paid. */
const isOpen = (row: SubscriptionRow, { plan, interval, coupon }: Wish, now: number) =>
  row.checkout !== null &&
  row.checkout_plan === plan &&
  row.checkout_interval === interval &&
  row.coupon === (coupon ?? null) &&
  (row.checkout_expires_at?.getTime() ?? 0) > now + 60_000

/**
 * Writes that a checkout is to be made, before it is: by its number Stripe makes one and no second after a lost answer.
 * @throws SpoqError `subscription_exists` when the one before was paid this very moment.
 */
async function begun(ports: Selling, asker: Asker, row: SubscriptionRow, wish: Wish): Promise<SubscriptionRow> {
  const { db, now } = ports
  if (row.checkout !== null) await close(ports, row.checkout)
  const isCutOff = row.checkout === null && row.checkouts > 0 && sameWish(row, wish)
  if (isCutOff) return row
  const change = {
    checkouts: row.checkouts + 1,
    checkout: null,
    checkout_url: null,
    checkout_expires_at: null,
    checkout_plan: wish.plan,
    checkout_interval: wish.interval,
    coupon: wish.coupon ?? null,
    ...(row.state === 'incomplete' ? { plan: wish.plan, billing_interval: wish.interval } : {}),
  }
  return db.transaction().execute(async trx => {
    const changed = await changeSubscriptionRow(trx, row, change, now())
    if (!changed)
      throw new SpoqError('unavailable', { message: 'It was asked for twice at once.', next: 'Run it again.' })
    const to = `${wish.plan} ${wish.interval}`
    await record(trx, { ...askedBy(asker), action: 'subscription.begin', resource: row.id, to }, now())
    return changed
  })
}

const sameWish = (row: SubscriptionRow, { plan, interval, coupon }: Wish) =>
  row.checkout_plan === plan && row.checkout_interval === interval && row.coupon === (coupon ?? null)

/** From then on it cannot be paid any more. */
async function close({ db, stripe, now }: Selling, checkout: string): Promise<void> {
  const session = await asking(() => stripe.checkout.sessions.retrieve(checkout))
  if (session.status === 'open') {
    await asking(() => stripe.checkout.sessions.expire(checkout))
    return
  }
  if (session.status !== 'complete') return
  await touch(db, 'checkout.session', checkout, now())
  throw new SpoqError('subscription_exists', { message: 'It was paid already, and will be there in a moment.' })
}

async function openCheckout(
  ports: Selling,
  row: SubscriptionRow,
  { plan, interval, coupon }: Wish,
): Promise<Stripe.Checkout.Session> {
  const { stripe, baseUrl } = ports
  const metadata = { subscription: row.id, account: row.account_id }
  const asked: Stripe.Checkout.SessionCreateParams = {
    mode: 'subscription',
    customer: await customerOf(ports, row.account_id),
    client_reference_id: row.id,
    line_items: [{ price: await priceOf(ports, plan, interval), quantity: 1 }],
    ...(coupon ? { discounts: [{ promotion_code: await couponOf(stripe, coupon) }] } : {}),
    metadata,
    subscription_data: { metadata },
    success_url: `${baseUrl}/billing/done`,
    cancel_url: `${baseUrl}/billing/cancelled`,
  }
  const idempotencyKey = `checkout ${row.id} ${row.checkouts}`
  try {
    return await asking(() => stripe.checkout.sessions.create(asked, { idempotencyKey }))
  } catch (error) {
    // Should one have been made all the same, nobody knows where it is paid.
    if (isFault(error)) await changeSubscriptionRow(ports.db, row, { checkouts: row.checkouts + 1 }, ports.now())
    throw error
  }
}
