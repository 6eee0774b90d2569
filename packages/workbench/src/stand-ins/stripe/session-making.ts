// A Checkout session from what is asked for.

import type Stripe from 'stripe'
import { redeemable } from './coupons.ts'
import { share } from './period.ts'
import { makePrice } from './prices.ts'
import { found, refuse } from './refusal.ts'
import type { SessionAsk } from './session-shape.ts'
import { merged } from './shape.ts'
import { change, newId, type World } from './world.ts'

const day = 86_400

/** Open for a day, or until it is told to end. @throws StripeRefusal */
export function makeSession(world: World, asked: SessionAsk): Stripe.Checkout.Session {
  check(world, asked)
  const id = newId('cs_test')
  const items = (asked.line_items ?? []).map((one, n) => lineItem(world, asked, one, `line_items[${n}]`))
  const subtotal = items.reduce((sum, { amount_subtotal }) => sum + amount_subtotal, 0)
  const off = discounted(world, asked, subtotal)
  spread(items, off, subtotal)
  const money = asked.mode !== 'setup'
  const session: Stripe.Checkout.Session = {
    id,
    object: 'checkout.session',
    adaptive_pricing: null,
    after_expiration: null,
    allow_promotion_codes: asked.allow_promotion_codes ?? null,
    allowed_payment_method_types: null,
    amount_subtotal: money ? subtotal : null,
    amount_total: money ? subtotal - off : null,
    automatic_tax: { enabled: false, liability: null, provider: null, status: null },
    billing_address_collection: asked.billing_address_collection ?? null,
    cancel_url: asked.cancel_url ?? null,
    client_reference_id: asked.client_reference_id ?? null,
    client_secret: null,
    collected_information: null,
    consent: null,
    consent_collection: null,
    created: world.now(),
    currency: items[0]?.currency ?? asked.currency ?? null,
    currency_conversion: null,
    custom_fields: [],
    custom_text: {
      after_submit: asked.custom_text?.after_submit ?? null,
      shipping_address: null,
      submit: asked.custom_text?.submit ?? null,
      terms_of_service_acceptance: null,
    },
    customer: asked.customer ?? null,
    customer_account: null,
    customer_creation: asked.mode === 'payment' && !asked.customer ? (asked.customer_creation ?? 'if_required') : null,
    customer_details: null,
    customer_email: asked.customer_email ?? null,
    discounts: (asked.discounts ?? []).map(one => ({
      coupon: one.coupon ?? null,
      promotion_code: one.promotion_code ?? null,
    })),
    expires_at: asked.expires_at ?? world.now() + day,
    integration_identifier: null,
    invoice: null,
    invoice_creation: null,
    livemode: false,
    locale: (asked.locale ?? null) as Stripe.Checkout.Session.Locale | null,
    managed_payments: null,
    metadata: merged({}, asked.metadata),
    mode: asked.mode,
    origin_context: null,
    payment_intent: null,
    payment_link: null,
    payment_method_collection: asked.mode === 'subscription' ? (asked.payment_method_collection ?? 'always') : null,
    payment_method_configuration_details: null,
    payment_method_options: {},
    payment_method_types: ['card'],
    payment_status: money && subtotal - off > 0 ? 'unpaid' : 'no_payment_required',
    permissions: null,
    recovered_from: null,
    saved_payment_method_options: null,
    setup_intent: null,
    shipping_address_collection: null,
    shipping_cost: null,
    shipping_options: [],
    status: 'open',
    submit_type: asked.submit_type ?? null,
    subscription: null,
    success_url: asked.success_url ?? null,
    total_details: money ? { amount_discount: off, amount_shipping: 0, amount_tax: 0 } : null,
    ui_mode: 'hosted_page',
    url: `${world.settings.url}/c/pay/${id}`,
    wallet_options: null,
  }
  world.sessions.set(id, session)
  world.asked.set(id, asked)
  world.lineItems.set(id, items)
  world.at(session.expires_at, () => {
    if (session.status === 'open') expire(world, session)
  })
  return session
}

function check(world: World, asked: SessionAsk): void {
  const { mode } = asked
  if (asked.customer) found(world.customers, 'customer', asked.customer, 'customer')
  if (asked.customer && asked.customer_email)
    refuse('You may only specify one of these parameters: customer, customer_email.', { param: 'customer' })
  if (mode === 'setup' && asked.line_items)
    refuse('`line_items` is not allowed in `setup` mode.', { param: 'line_items' })
  if (mode !== 'setup' && !asked.line_items?.length)
    refuse(`\`line_items\` is required in \`${mode}\` mode.`, { param: 'line_items', code: 'parameter_missing' })
  if (mode === 'setup' && !asked.currency)
    refuse('`currency` is required in `setup` mode.', { param: 'currency', code: 'parameter_missing' })
  if (!asked.success_url)
    refuse('Missing required param: success_url.', { param: 'success_url', code: 'parameter_missing' })
  for (const [data, only] of [
    ['subscription_data', 'subscription'],
    ['payment_intent_data', 'payment'],
    ['setup_intent_data', 'setup'],
  ] as const)
    if (asked[data] && mode !== only) refuse(`You can not pass \`${data}\` in \`${mode}\` mode.`, { param: data })
  if (asked.customer_creation && mode === 'subscription')
    refuse('`customer_creation` can only be used in `payment` and `setup` mode.', { param: 'customer_creation' })
  if (asked.discounts && asked.allow_promotion_codes)
    refuse('You may only specify one of these parameters: allow_promotion_codes, discounts.', { param: 'discounts' })
  const expires = asked.expires_at
  if (expires !== undefined && (expires < world.now() + 1800 || expires > world.now() + day))
    refuse('The `expires_at` timestamp must be between 30 minutes and 24 hours from Checkout Session creation.', {
      param: 'expires_at',
    })
}

function lineItem(
  world: World,
  { mode }: SessionAsk,
  asked: NonNullable<SessionAsk['line_items']>[number],
  param: string,
): Stripe.LineItem {
  const price = asked.price_data
    ? makePrice(world, asked.price_data, false)
    : found(world.prices, 'price', asked.price ?? '', `${param}[price]`)
  if (asked.price && !price.active)
    refuse('The price specified is inactive. This field only accepts active prices.', { param: `${param}[price]` })
  if (mode === 'payment' && price.recurring)
    refuse(
      'You specified `payment` mode but passed a recurring price. Either switch to `subscription` mode or use only one-time prices.',
      {
        param: `${param}[price]`,
      },
    )
  if (mode === 'subscription' && !price.recurring)
    refuse('This stand-in sells only recurring prices in `subscription` mode.', { param: `${param}[price]` })
  const quantity = asked.quantity ?? refuse('Quantity is required.', { param: `${param}[quantity]` })
  const amount = (price.unit_amount ?? 0) * quantity
  return {
    id: newId('li'),
    object: 'item',
    adjustable_quantity: null,
    amount_discount: 0,
    amount_subtotal: amount,
    amount_tax: 0,
    amount_total: amount,
    currency: price.currency,
    description: world.products.get(String(price.product))?.name ?? null,
    metadata: merged({}, asked.metadata),
    price,
    quantity,
  }
}

/** What its discounts take off, in cents. */
function discounted(world: World, asked: SessionAsk, subtotal: number): number {
  if ((asked.discounts?.length ?? 0) > 1) refuse('You may only pass one discount.', { param: 'discounts' })
  const [wanted] = asked.discounts ?? []
  if (!wanted) return 0
  const { coupon } = redeemable(world, wanted, asked.customer ?? null)
  if (coupon.percent_off) return share(subtotal, Math.round(coupon.percent_off * 10_000), 1_000_000)
  return Math.min(coupon.amount_off ?? 0, subtotal)
}

function spread(items: Stripe.LineItem[], off: number, subtotal: number): void {
  let left = off
  items.forEach((item, n) => {
    const part = n === items.length - 1 ? left : share(off, item.amount_subtotal, subtotal || 1)
    item.amount_discount = part
    item.amount_total = item.amount_subtotal - part
    left -= part
  })
}

export function expire(world: World, session: Stripe.Checkout.Session): Stripe.Checkout.Session {
  return change(world, session, 'checkout.session.expired', one => {
    one.status = 'expired'
    one.url = null
  })
}
