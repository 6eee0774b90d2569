// What Stripe shows of an account's bills and cards. Nothing of it is kept here.

import { SpoqError } from '@spoq/contracts/problem'
import { type Invoice, invoice as invoiceShape, type PaymentMethod } from '@spoq/contracts/subscription'
import type { Asker } from '../audit/asked-by.ts'
import { customerOf } from '../stripe/customer.ts'
import type { Stripe } from '../stripe/open.ts'
import { asking } from '../stripe/problem.ts'
import { idOf } from '../stripe/read.ts'
import { findCustomer } from '../stripe/store.ts'
import type { Selling } from './ports.ts'

const most = 24
const invoiceState = invoiceShape.shape.state

/** Where invoices, cards and addresses are seen to. @throws SpoqError `billing_unavailable`. */
export async function openPortal(ports: Selling, { account }: Asker): Promise<{ url: string }> {
  const customer = await customerOf(ports, account)
  const asked = { customer, return_url: ports.baseUrl }
  return { url: (await asking(() => ports.stripe.billingPortal.sessions.create(asked))).url }
}

/** The newest. @throws SpoqError `billing_unavailable`. */
export async function listInvoices({ db, stripe }: Selling, account: string): Promise<Invoice[]> {
  const customer = await findCustomer(db, account)
  if (!customer) return []
  const { data } = await asking(() => stripe.invoices.list({ customer, limit: most }))
  return data.map(toInvoice)
}

/** @throws SpoqError `billing_unavailable`. */
export async function listPaymentMethods({ db, stripe }: Selling, account: string): Promise<PaymentMethod[]> {
  const customer = await findCustomer(db, account)
  if (!customer) return []
  const [there, { data }] = await asking(() =>
    Promise.all([stripe.customers.retrieve(customer), stripe.customers.listPaymentMethods(customer, { limit: most })]),
  )
  const usual = there.deleted ? null : idOf(there.invoice_settings.default_payment_method)
  return data.map(method => toPaymentMethod(method, usual))
}

/** Where a card is entered. @throws SpoqError `billing_unavailable`. */
export async function addPaymentMethod(ports: Selling, { account }: Asker): Promise<{ url: string }> {
  const { stripe, baseUrl } = ports
  const asked: Stripe.Checkout.SessionCreateParams = {
    mode: 'setup',
    currency: 'usd',
    customer: await customerOf(ports, account),
    success_url: `${baseUrl}/billing/done`,
    cancel_url: `${baseUrl}/billing/cancelled`,
  }
  const { url } = await asking(() => stripe.checkout.sessions.create(asked))
  if (!url) throw new SpoqError('billing_unavailable')
  return { url }
}

/** @throws SpoqError `payment_method_not_found` for one that is not the account's, `billing_unavailable`. */
export async function setDefaultPaymentMethod(
  ports: Selling,
  account: string,
  payment: string,
): Promise<PaymentMethod[]> {
  const customer = await findCustomer(ports.db, account)
  const own = await listPaymentMethods(ports, account)
  if (!customer || !own.some(({ id }) => id === payment)) throw new SpoqError('payment_method_not_found')
  const asked = { invoice_settings: { default_payment_method: payment } }
  await asking(() => ports.stripe.customers.update(customer, asked))
  return own.map(method => ({ ...method, isDefault: method.id === payment }))
}

const toInvoice = (invoice: Stripe.Invoice): Invoice => ({
  id: invoice.id as string,
  number: invoice.number,
  state: invoiceState.safeParse(invoice.status).data ?? 'draft',
  totalCents: invoice.total,
  dueCents: invoice.amount_remaining,
  currency: invoice.currency,
  createdAt: new Date(invoice.created * 1_000).toISOString(),
  url: invoice.hosted_invoice_url ?? null,
  pdf: invoice.invoice_pdf ?? null,
})

const toPaymentMethod = ({ id, type, card }: Stripe.PaymentMethod, usual: string | null): PaymentMethod => ({
  id,
  kind: type,
  brand: card?.brand ?? null,
  last4: card?.last4 ?? null,
  expires: card ? `${String(card.exp_month).padStart(2, '0')}/${card.exp_year}` : null,
  isDefault: id === usual,
})
