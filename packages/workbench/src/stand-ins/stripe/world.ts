// All that the stand-in knows, and the means that its parts have: time, ids, events, what is to be done later.

import { randomBytes } from 'node:crypto'
import type Stripe from 'stripe'
import type { Decline } from './refusal.ts'
import type { SessionAsk } from './session-shape.ts'

/** What happens when a card is charged. */
export type Card = 'works' | Decline

export function tables() {
  return {
    customers: new Map<string, Stripe.Customer>(),
    deletedCustomers: new Map<string, Stripe.DeletedCustomer>(),
    products: new Map<string, Stripe.Product>(),
    prices: new Map<string, Stripe.Price>(),
    coupons: new Map<string, Stripe.Coupon>(),
    promotionCodes: new Map<string, Stripe.PromotionCode>(),
    discounts: new Map<string, Stripe.Discount>(),
    paymentMethods: new Map<string, Stripe.PaymentMethod>(),
    sessions: new Map<string, Stripe.Checkout.Session>(),
    subscriptions: new Map<string, Stripe.Subscription>(),
    schedules: new Map<string, Stripe.SubscriptionSchedule>(),
    invoices: new Map<string, Stripe.Invoice>(),
    invoicePayments: new Map<string, Stripe.InvoicePayment>(),
    paymentIntents: new Map<string, Stripe.PaymentIntent>(),
    setupIntents: new Map<string, Stripe.SetupIntent>(),
    charges: new Map<string, Stripe.Charge>(),
    refunds: new Map<string, Stripe.Refund>(),
    disputes: new Map<string, Stripe.Dispute>(),
    balanceTransactions: new Map<string, Stripe.BalanceTransaction>(),
    events: new Map<string, Stripe.Event>(),
    endpoints: new Map<string, Stripe.WebhookEndpoint>(),
    portals: new Map<string, Stripe.BillingPortal.Session>(),
  }
}
export type Tables = ReturnType<typeof tables>

export interface Settings {
  /** Where the stand-in listens. */
  url: string
  apiVersion: string
  /** Days between one try to collect and the next. */
  retryDays: readonly number[]
  /** What becomes of a subscription whose last try failed. */
  afterRetries: 'cancel' | 'unpaid' | 'past_due'
  /** How long the invoice of a renewal stays a draft, in seconds. */
  draftSeconds: number
  /** How many days before it an `invoice.upcoming` tells of a renewal. */
  upcomingDays: number
}

export interface World extends Tables {
  settings: Settings
  /** Unix seconds; while something overdue is done, the time at which it was due. */
  now(): number
  id(prefix: string): string
  /** Does it when its time has come. It looks for itself whether it is still wanted. */
  at(time: number, act: () => void): void
  emit(type: string, object: object, previous?: object): void
  /** What each payment method does when it is charged. */
  cards: Map<string, Card>
  /** What a session was asked with, and what it sells. */
  asked: Map<string, SessionAsk>
  lineItems: Map<string, Stripe.LineItem[]>
  /** What is billed with the next invoice of a subscription. */
  pendingLines: Map<string, Stripe.InvoiceLineItem[]>
  /** What waits for an invoice to be paid. */
  whenPaid: Map<string, () => void>
  /** What was billed for the current period of an item, in cents after discounts. */
  billed: Map<string, number>
}

export const newId = (prefix: string): string => `${prefix}_${randomBytes(12).toString('hex')}`

/** Changes an object and tells of it, with what was there before. Without a real change nothing is told. */
export function change<T extends object>(world: World, object: T, type: string, alter: (object: T) => void): T {
  const before = structuredClone(object)
  alter(object)
  const previous = Object.fromEntries(
    Object.entries(before).filter(
      ([key, value]) => JSON.stringify(value) !== JSON.stringify((object as Record<string, unknown>)[key]),
    ),
  )
  if (Object.keys(previous).length > 0) world.emit(type, object, previous)
  return object
}

/** The id of what may stand there expanded. */
export const idOf = (value: string | { id: string } | null | undefined): string | null =>
  typeof value === 'string' ? value : (value?.id ?? null)

/** Text of a number where the SDK has a decimal of its own; on the wire it is text. */
export const decimal = (cents: number): Stripe.Decimal => String(cents) as unknown as Stripe.Decimal

export const listOf = <T>(data: T[], url: string): Stripe.ApiList<T> => ({
  object: 'list',
  data,
  has_more: false,
  url,
})
