// Wires what takes money: subscriptions, credit, and the messages of those whom it is paid to.

import { coinPayKind, coinPayPath, takeCoinPay } from './coinpay/webhook.ts'
import type { Config } from './config.ts'
import { readTopUp } from './credit/card.ts'
import { readCoinPayment } from './credit/crypto.ts'
import type { CreditPorts } from './credit/ports.ts'
import { readCreditDispute, readCreditRefund } from './credit/take-back.ts'
import { onSubscriptionEnded } from './ending/on-subscription-ended.ts'
import type { EndingPorts } from './ending/ports.ts'
import type { PlanPorts } from './plan/of.ts'
import { readCharge, readDispute, readSession } from './stripe/read.ts'
import type { StaleKind } from './stripe/subject.ts'
import { takeWebhook, webhookPath } from './stripe/webhook.ts'
import { readSubscriptionDispute, readSubscriptionRefund } from './subscription/claim.ts'
import type { Selling, SubscriptionPorts } from './subscription/ports.ts'
import { readCheckout, readSubscription } from './subscription/read.ts'
import type { TakePorts } from './webhook/take.ts'

/** What follows from a subscription's change, in its transaction. */
export const followsFrom =
  (endings: EndingPorts, plans: Pick<PlanPorts, 'changed'>): SubscriptionPorts['changed'] =>
  async (trx, { account, email, from, to }) => {
    if (to === 'ended' && from !== 'incomplete') await onSubscriptionEnded(endings, trx, account, email)
    else await plans.changed(trx, account)
  }

type Reading = (object: string) => Promise<void>

/** What is read again of what Stripe's messages tell of. */
export const ofStripe = (selling: Selling, credit: CreditPorts): Record<StaleKind, Reading> => ({
  subscription: id => readSubscription(selling, id),
  'checkout.session': async id => {
    const session = await readSession(selling.stripe, id)
    if (session?.mode === 'payment') await readTopUp(credit, session)
    else if (session?.mode === 'subscription') await readCheckout(selling, session)
  },
  charge: async id => {
    const charge = await readCharge(selling.stripe, id)
    if (charge && !(await readCreditRefund(credit, charge))) await readSubscriptionRefund(selling, charge)
  },
  dispute: async id => {
    const dispute = await readDispute(selling.stripe, id)
    if (dispute && !(await readCreditDispute(credit, dispute))) await readSubscriptionDispute(selling, dispute)
  },
})

export const ofCoinPay = (credit: CreditPorts): Record<string, Reading> =>
  credit.coinpay ? { [coinPayKind]: payment => readCoinPayment(credit, payment) } : {}

/** Who takes messages, by the path that they come to. */
export function takersOf({ stripe, coinpay }: Pick<Config, 'stripe' | 'coinpay'>, ports: TakePorts) {
  const all = new Map<string, (request: Request) => Promise<Response>>()
  if (stripe) all.set(webhookPath, request => takeWebhook({ ...ports, secret: stripe.webhookSecret }, request))
  if (coinpay) all.set(coinPayPath, request => takeCoinPay({ ...ports, secret: coinpay.webhookSecret }, request))
  return all
}
