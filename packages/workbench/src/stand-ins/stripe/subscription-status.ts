// What payments and failures make of a subscription's status.

import type Stripe from 'stripe'
import { change, idOf, type World } from './world.ts'

const updated = 'customer.subscription.updated'

const of = (world: World, invoice: Stripe.Invoice) =>
  world.subscriptions.get(String(idOf(invoice.parent?.subscription_details?.subscription)))

/** The latest invoice that is paid makes a subscription active. */
export function afterPayment(world: World, invoice: Stripe.Invoice): void {
  const subscription = of(world, invoice)
  world.whenPaid.get(invoice.id)?.()
  world.whenPaid.delete(invoice.id)
  if (!subscription || subscription.latest_invoice !== invoice.id) return
  const { status } = subscription
  if (status === 'incomplete' || status === 'past_due' || status === 'unpaid')
    change(world, subscription, updated, one => {
      one.status = 'active'
    })
  if (status === 'paused' && invoice.billing_reason === 'subscription_update') resumed(world, subscription)
}

export function resumed(world: World, subscription: Stripe.Subscription): void {
  change(world, subscription, updated, one => {
    one.status = 'active'
  })
  world.emit('customer.subscription.resumed', subscription)
}

export function afterFailure(world: World, invoice: Stripe.Invoice): void {
  const subscription = of(world, invoice)
  // A change that waits to be paid leaves it as it is.
  if (subscription?.status !== 'active' || world.whenPaid.has(invoice.id)) return
  change(world, subscription, updated, one => {
    one.status = 'past_due'
  })
}

/** Every try failed: as the account is set up. */
export function afterLastFailure(world: World, invoice: Stripe.Invoice): void {
  const subscription = of(world, invoice)
  if (subscription?.status !== 'past_due') return
  if (world.settings.afterRetries === 'cancel') end(world, subscription, 'payment_failed')
  if (world.settings.afterRetries === 'unpaid')
    change(world, subscription, updated, one => {
      one.status = 'unpaid'
    })
}

/** Canceled, and told as deleted. */
export function end(
  world: World,
  subscription: Stripe.Subscription,
  reason: Stripe.Subscription.CancellationDetails.Reason,
): void {
  const schedule = world.schedules.get(String(subscription.schedule))
  if (schedule?.status === 'active') {
    schedule.status = 'canceled'
    schedule.canceled_at = world.now()
    schedule.current_phase = null
    world.emit('subscription_schedule.canceled', schedule)
  }
  subscription.status = 'canceled'
  subscription.canceled_at ??= world.now()
  subscription.ended_at = world.now()
  subscription.cancellation_details = {
    comment: subscription.cancellation_details?.comment ?? null,
    feedback: subscription.cancellation_details?.feedback ?? null,
    feedback_option: null,
    reason,
  }
  for (const invoice of world.invoices.values()) if (of(world, invoice) === subscription) invoice.auto_advance = false
  world.emit('customer.subscription.deleted', subscription)
}
