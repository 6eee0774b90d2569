// Money that a bank takes back, and perhaps gives back.

import type Stripe from 'stripe'
import { makeTransaction } from './charging.ts'
import { about, fits } from './refunds.ts'
import { found } from './refusal.ts'
import { page, route } from './route.ts'
import { ask } from './shape.ts'
import { newId, type World } from './world.ts'

/** A bank takes the money of a charge back, for now. */
export function makeDispute(world: World, charge: Stripe.Charge, reason: string, amount: number): Stripe.Dispute {
  if (!charge.paid || charge.disputed) throw new Error(`the charge ${charge.id} cannot be disputed`)
  const text = null
  const dispute: Stripe.Dispute = {
    id: newId('du'),
    object: 'dispute',
    amount,
    balance_transactions: [],
    charge: charge.id,
    created: world.now(),
    currency: charge.currency,
    enhanced_eligibility_types: [],
    evidence: {
      access_activity_log: text,
      billing_address: text,
      cancellation_policy: text,
      cancellation_policy_disclosure: text,
      cancellation_rebuttal: text,
      customer_communication: text,
      customer_email_address: text,
      customer_name: text,
      customer_purchase_ip: text,
      customer_signature: text,
      duplicate_charge_documentation: text,
      duplicate_charge_explanation: text,
      duplicate_charge_id: text,
      enhanced_evidence: {},
      product_description: text,
      receipt: text,
      refund_policy: text,
      refund_policy_disclosure: text,
      refund_refusal_explanation: text,
      service_date: text,
      service_documentation: text,
      shipping_address: text,
      shipping_carrier: text,
      shipping_date: text,
      shipping_documentation: text,
      shipping_tracking_number: text,
      uncategorized_file: text,
      uncategorized_text: text,
    },
    evidence_details: {
      due_by: world.now() + 9 * 86_400,
      enhanced_eligibility: {},
      has_evidence: false,
      past_due: false,
      submission_count: 0,
      submission_method: 'not_submitted',
    },
    intended_submission_method: null,
    is_charge_refundable: false,
    livemode: false,
    metadata: {},
    payment_intent: charge.payment_intent,
    reason,
    status: 'needs_response',
  }
  world.disputes.set(dispute.id, dispute)
  charge.disputed = true
  dispute.balance_transactions.push(moved(world, dispute, -amount, 1500))
  world.emit('charge.dispute.created', dispute)
  world.emit('charge.dispute.funds_withdrawn', dispute)
  return dispute
}

/** The bank has decided. */
export function closeDispute(world: World, dispute: Stripe.Dispute, won: boolean): Stripe.Dispute {
  if (dispute.status !== 'needs_response') throw new Error(`the dispute ${dispute.id} is ${dispute.status}`)
  dispute.status = won ? 'won' : 'lost'
  if (won) dispute.balance_transactions.push(moved(world, dispute, dispute.amount, 0))
  world.emit('charge.dispute.closed', dispute)
  if (won) world.emit('charge.dispute.funds_reinstated', dispute)
  return dispute
}

const moved = (world: World, dispute: Stripe.Dispute, amount: number, fee: number) =>
  makeTransaction(world, {
    type: 'adjustment',
    reporting_category: amount < 0 ? 'dispute' : 'dispute_reversal',
    amount,
    fee,
    currency: dispute.currency,
    source: dispute.id,
  })

export const disputeRoutes = [
  route('GET', '/v1/disputes', ask(about), ({ world, ask: asked, path }) =>
    page([...world.disputes.values()].filter(fits(asked)), asked, path),
  ),
  route('GET', '/v1/disputes/{id}', ask({}), ({ world, id }) => found(world.disputes, 'dispute', id)),
]
