// What people, banks and the way there do: the test's hand. None of it is an operation of Stripe's.

import type Stripe from 'stripe'
import { charge } from './charging.ts'
import { closeDispute, makeDispute } from './disputes.ts'
import { collect, paymentOf } from './invoice-life.ts'
import { type Paid, type Paying, pay, settle } from './paying.ts'
import { attach, makeCard } from './payment-methods.ts'
import { failRefund, makeRefund, type RefundAsk } from './refunds.ts'
import { found } from './refusal.ts'
import { expire } from './session-making.ts'
import { setUp } from './setup-intents.ts'
import type { Delivery, Forgery, webhooks } from './webhooks.ts'
import { type Card, change, idOf, type World } from './world.ts'

export function handOf(world: World, sent: ReturnType<typeof webhooks>) {
  const sessionOf = (id: string) => found(world.sessions, 'checkout.session', id)
  /** The invoice that a payment is for, when it is for one. */
  const invoiceFor = (intent: string) => {
    const payment = [...world.invoicePayments.values()].find(one => one.payment.payment_intent === intent)
    return payment && world.invoices.get(String(payment.invoice))
  }

  /** Confirms a payment as a person does who is there: with a card, by its id or its client secret. */
  function confirm(id: string, card: Card = 'works', authenticated = false) {
    const intent = found(world.paymentIntents, 'payment_intent', id.split('_secret_')[0] ?? '')
    const method = makeCard(world, card)
    const invoice = invoiceFor(intent.id)
    if (!invoice) return charge(world, intent, method, true, authenticated)
    const outcome = collect(world, invoice, { method, present: true, authenticated })
    if (outcome === 'succeeded') keep(invoice, method)
    return outcome
  }

  function keep(invoice: Stripe.Invoice, method: Stripe.PaymentMethod): void {
    const subscription = world.subscriptions.get(String(idOf(invoice.parent?.subscription_details?.subscription)))
    attach(world, method, String(invoice.customer))
    if (subscription?.payment_settings?.save_default_payment_method !== 'on_subscription') return
    change(world, subscription, 'customer.subscription.updated', one => {
      one.default_payment_method = method.id
    })
  }

  return {
    /** A person at the session's page. `authenticated`: the bank's question is answered. */
    pay: (session: string, card: Paying = 'works', authenticated = false): Paid =>
      pay(world, sessionOf(session), card, authenticated),
    /** A bank debit of a session is settled days later, or it is not. */
    settle: (session: string, succeeded: boolean): void => settle(world, sessionOf(session), succeeded),
    /** Nobody comes back; after its day the session expires. This is the day's end at once. */
    abandon: (session: string) => expire(world, sessionOf(session)),
    confirm,
    /** A person keeps a card by a setup intent. False when the card is declined. */
    confirmSetup: (id: string, card: Card = 'works'): boolean =>
      setUp(world, found(world.setupIntents, 'setupintent', id.split('_secret_')[0] ?? ''), makeCard(world, card)),
    /** A new card of a customer. @returns its id. */
    card(customer: string, card: Card = 'works', asDefault = true): string {
      const method = attach(world, makeCard(world, card), customer)
      if (asDefault)
        change(world, found(world.customers, 'customer', customer), 'customer.updated', one => {
          one.invoice_settings.default_payment_method = method.id
        })
      return method.id
    },
    /** From now on every card of this customer does this: starts to fail, or works again. */
    cardsOf(customer: string, card: Card): void {
      for (const method of world.paymentMethods.values())
        if (method.customer === customer) world.cards.set(method.id, card)
    },
    refund: (asked: RefundAsk) => makeRefund(world, asked),
    failRefund: (id: string) => failRefund(world, found(world.refunds, 'refund', id)),
    dispute(id: string, reason = 'fraudulent', amount?: number): Stripe.Dispute {
      const disputed = found(world.charges, 'charge', id)
      return makeDispute(world, disputed, reason, amount ?? disputed.amount)
    },
    closeDispute: (id: string, won: boolean) => closeDispute(world, found(world.disputes, 'dispute', id), won),
    /** The charge that paid an invoice; null when none did. */
    chargeOf(invoice: string): string | null {
      const intent = world.paymentIntents.get(String(paymentOf(world, invoice)?.payment.payment_intent))
      return intent?.status === 'succeeded' ? idOf(intent.latest_charge) : null
    },
    /** Every delivery that was begun, oldest first. */
    deliveries: sent.sent as readonly Delivery[],
    /** Keeps webhooks back from now on. */
    hold: sent.hold,
    /** Sends what was kept back, in the order that is wanted. */
    release: sent.release,
    /** Sends an event to an endpoint again, as it is or forged. @returns the status; 0 without an answer. */
    send(event: Stripe.Event | string, forgery: Forgery = {}): Promise<number> {
      const known = typeof event === 'string' ? found(world.events, 'event', event) : event
      const [endpoint] = world.endpoints.values()
      if (!endpoint?.secret) throw new Error('no webhook endpoint was made')
      return sent.post(endpoint.url, endpoint.secret, known, forgery)
    },
    /** All events of a type, oldest first. */
    eventsOf: (type: string): Stripe.Event[] => [...world.events.values()].filter(event => event.type === type),
  }
}
