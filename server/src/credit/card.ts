// Credit by card: a Checkout of Stripe's, and what came of it.

import { SpoqError } from '@spoq/contracts/problem'
import type { TopUpChange, TopUpRow } from '../db/tables.ts'
import { customerOf } from '../stripe/customer.ts'
import type { Stripe } from '../stripe/open.ts'
import { asking } from '../stripe/problem.ts'
import { idOf } from '../stripe/read.ts'
import type { CreditPorts } from './ports.ts'
import { type Outcome, settle } from './settle.ts'
import { findTopUp } from './store.ts'

/** How often a session is read though nothing was told of it. */
export const cardLookMs = 3_600_000

/** @throws SpoqError `billing_off`. */
export function stripeOf({ stripe }: Pick<CreditPorts, 'stripe'>): Stripe {
  if (!stripe) throw new SpoqError('billing_off')
  return stripe
}

/** Where it is paid. @throws SpoqError `billing_unavailable`. */
export async function openCard(ports: CreditPorts, row: TopUpRow): Promise<TopUpChange> {
  const stripe = stripeOf(ports)
  const metadata = { top_up: row.id, account: row.account_id }
  const price_data = { currency: 'usd', unit_amount: row.cents, product_data: { name: 'Spoq credit' } }
  const asked: Stripe.Checkout.SessionCreateParams = {
    mode: 'payment',
    customer: await customerOf({ ...ports, stripe }, row.account_id),
    client_reference_id: row.id,
    line_items: [{ price_data, quantity: 1 }],
    metadata,
    payment_intent_data: { metadata },
    success_url: `${ports.baseUrl}/billing/done`,
    cancel_url: `${ports.baseUrl}/billing/cancelled`,
  }
  const session = await asking(() => stripe.checkout.sessions.create(asked, { idempotencyKey: `top-up ${row.id}` }))
  const next_at = new Date(ports.now() + cardLookMs)
  return { reference: session.id, url: session.url, expires_at: new Date(session.expires_at * 1_000), next_at }
}

/** Brings a top-up to what its checkout is now. */
export async function readTopUp(ports: CreditPorts, there: Stripe.Checkout.Session): Promise<void> {
  const row = there.client_reference_id ? await findTopUp(ports.db, there.client_reference_id) : undefined
  if (row?.method !== 'card') return ports.log('warn', 'credit.unknown', { session: there.id })
  const outcome = outcomeOf(there, row)
  if (outcome) await settle(ports, row.id, outcome)
}

/** Null: it is neither paid nor over. */
function outcomeOf(there: Stripe.Checkout.Session, row: TopUpRow): Outcome | null {
  if (there.status === 'expired') return { state: 'expired' }
  if (there.status !== 'complete') return null
  const payment = idOf(there.payment_intent)
  if (there.payment_status === 'unpaid') return isGivenUp(there.payment_intent) ? { state: 'failed' } : null
  const wrong = wrongWith(there, row)
  return wrong ? { state: 'review', note: wrong, payment } : { state: 'paid', payment }
}

/** A bank debit takes days, or comes to nothing. */
const isGivenUp = (intent: Stripe.Checkout.Session['payment_intent']) =>
  typeof intent === 'object' && (intent?.status === 'requires_payment_method' || intent?.status === 'canceled')

function wrongWith(there: Stripe.Checkout.Session, row: TopUpRow): string | null {
  if (row.reference !== null && row.reference !== there.id) return 'it was paid at another place than its own'
  if (there.currency !== 'usd') return `it was paid in ${there.currency}`
  if (there.amount_total === row.cents && there.payment_status === 'paid') return null
  return `${there.amount_total} cents were paid for ${row.cents}`
}
