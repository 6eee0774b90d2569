// Coupons, the codes that people type, and the discounts that come of them.

import type Stripe from 'stripe'
import * as z from 'zod'
import { nthPeriod } from './period.ts'
import { found, refuse } from './refusal.ts'
import { page, route } from './route.ts'
import { ask, currency, flag, int, merged, metadata, number, pages, text } from './shape.ts'
import { change, idOf, newId, type World } from './world.ts'

const createCoupon = ask({
  id: text.optional(),
  name: text.optional(),
  percent_off: number.optional(),
  amount_off: int.optional(),
  currency: currency.optional(),
  duration: z.enum(['once', 'repeating', 'forever']).optional(),
  duration_in_months: int.optional(),
  max_redemptions: int.optional(),
  redeem_by: int.optional(),
  metadata: metadata.optional(),
})
const createCode = ask({
  promotion: z.strictObject({ type: z.literal('coupon'), coupon: text }),
  code: text.max(500).optional(),
  active: flag.optional(),
  customer: text.optional(),
  expires_at: int.optional(),
  max_redemptions: int.optional(),
  metadata: metadata.optional(),
})
const listCodes = ask({
  code: text.optional(),
  active: flag.optional(),
  coupon: text.optional(),
  customer: text.optional(),
  ...pages,
})
/** What asks for a discount. */
export const discountAsk = z.strictObject({ coupon: text.optional(), promotion_code: text.optional() })

function makeCoupon(world: World, asked: z.infer<typeof createCoupon>): Stripe.Coupon {
  if ((asked.percent_off === undefined) === (asked.amount_off === undefined))
    refuse('You must pass either percent_off or amount_off', { param: 'percent_off' })
  if (asked.amount_off !== undefined && asked.currency === undefined)
    refuse('You must pass currency when passing amount_off', { param: 'currency', code: 'parameter_missing' })
  const id = asked.id ?? newId('co').slice(3, 11)
  if (world.coupons.has(id)) refuse('Coupon already exists.', { code: 'resource_already_exists', param: 'id' })
  const coupon: Stripe.Coupon = {
    id,
    object: 'coupon',
    amount_off: asked.amount_off ?? null,
    created: world.now(),
    currency: asked.currency ?? null,
    duration: asked.duration ?? 'once',
    duration_in_months: asked.duration_in_months ?? null,
    livemode: false,
    max_redemptions: asked.max_redemptions ?? null,
    metadata: merged({}, asked.metadata),
    name: asked.name ?? null,
    percent_off: asked.percent_off ?? null,
    redeem_by: asked.redeem_by ?? null,
    times_redeemed: 0,
    valid: true,
  }
  world.coupons.set(id, coupon)
  world.emit('coupon.created', coupon)
  return coupon
}

function makeCode(world: World, asked: z.infer<typeof createCode>): Stripe.PromotionCode {
  const coupon = found(world.coupons, 'coupon', asked.promotion.coupon, 'promotion[coupon]')
  const code = asked.code ?? newId('p').slice(2, 10).toUpperCase()
  if ([...world.promotionCodes.values()].some(one => one.active && one.code.toLowerCase() === code.toLowerCase()))
    refuse(`An active promotion code with \`code: ${code}\` already exists.`, { param: 'code' })
  const promotion: Stripe.PromotionCode = {
    id: newId('promo'),
    object: 'promotion_code',
    active: asked.active ?? true,
    code,
    created: world.now(),
    customer: asked.customer ?? null,
    customer_account: null,
    expires_at: asked.expires_at ?? null,
    livemode: false,
    max_redemptions: asked.max_redemptions ?? null,
    metadata: merged({}, asked.metadata),
    promotion: { type: 'coupon', coupon: coupon.id },
    restrictions: { first_time_transaction: false, minimum_amount: null, minimum_amount_currency: null },
    times_redeemed: 0,
  }
  world.promotionCodes.set(promotion.id, promotion)
  world.emit('promotion_code.created', promotion)
  return promotion
}

/** The coupon that is asked for, refused where it is over or used up. */
export function redeemable(world: World, asked: z.infer<typeof discountAsk>, customer: string | null) {
  const promotion = asked.promotion_code
    ? found(world.promotionCodes, 'promotion code', asked.promotion_code, 'discounts[0][promotion_code]')
    : null
  const over = (limit: number | null, times: number, until: number | null) =>
    (limit !== null && times >= limit) || (until !== null && until <= world.now())
  const notFor = promotion?.customer && promotion.customer !== customer
  if (
    promotion &&
    (!promotion.active || notFor || over(promotion.max_redemptions, promotion.times_redeemed, promotion.expires_at))
  )
    refuse('This promotion code cannot be redeemed because it is not active, expired or used up.', {
      param: 'discounts[0][promotion_code]',
    })
  const id = promotion ? idOf(promotion.promotion.coupon) : asked.coupon
  const coupon = found(world.coupons, 'coupon', id ?? '', 'discounts[0][coupon]')
  if (!coupon.valid || over(coupon.max_redemptions, coupon.times_redeemed, coupon.redeem_by))
    refuse(`Coupon expired: ${coupon.id}`, { code: 'coupon_expired', param: 'discounts[0][coupon]' })
  return { coupon, promotion }
}

/** Takes a coupon for a customer or a subscription. */
export function redeem(
  world: World,
  asked: z.infer<typeof discountAsk>,
  to: { customer: string | null; subscription?: string; session?: string | null },
): Stripe.Discount {
  const { coupon, promotion } = redeemable(world, asked, to.customer)
  const months = coupon.duration === 'repeating' ? (coupon.duration_in_months ?? 1) : null
  const start = world.now()
  const discount: Stripe.Discount = {
    id: newId('di'),
    object: 'discount',
    checkout_session: to.session ?? null,
    customer: to.customer,
    customer_account: null,
    end: months === null ? null : nthPeriod(start, { interval: 'month', interval_count: 1 }, months),
    invoice: null,
    invoice_item: null,
    promotion_code: promotion?.id ?? null,
    source: { type: 'coupon', coupon: coupon.id },
    start,
    subscription: to.subscription ?? null,
    subscription_item: null,
  }
  coupon.times_redeemed++
  coupon.valid = coupon.max_redemptions === null || coupon.times_redeemed < coupon.max_redemptions
  if (promotion) promotion.times_redeemed++
  world.discounts.set(discount.id, discount)
  return discount
}

export const couponRoutes = [
  route('POST', '/v1/coupons', createCoupon, ({ world, ask: asked }) => makeCoupon(world, asked)),
  route('GET', '/v1/coupons/{id}', ask({}), ({ world, id }) => found(world.coupons, 'coupon', id)),
  route('POST', '/v1/promotion_codes', createCode, ({ world, ask: asked }) => makeCode(world, asked)),
  route('GET', '/v1/promotion_codes', listCodes, ({ world, ask: asked, path }) => {
    const fits = (one: Stripe.PromotionCode) =>
      (asked.code === undefined || one.code.toLowerCase() === asked.code.toLowerCase()) &&
      (asked.active === undefined || one.active === asked.active) &&
      (asked.coupon === undefined || one.promotion.coupon === asked.coupon) &&
      (asked.customer === undefined || one.customer === asked.customer)
    return page([...world.promotionCodes.values()].filter(fits), asked, path)
  }),
  route('GET', '/v1/promotion_codes/{id}', ask({}), ({ world, id }) =>
    found(world.promotionCodes, 'promotion code', id),
  ),
  route('POST', '/v1/promotion_codes/{id}', ask({ active: flag.optional(), metadata: metadata.optional() }), asked =>
    change(
      asked.world,
      found(asked.world.promotionCodes, 'promotion code', asked.id),
      'promotion_code.updated',
      code => {
        if (asked.ask.active !== undefined) code.active = asked.ask.active
        code.metadata = merged(code.metadata ?? {}, asked.ask.metadata)
      },
    ),
  ),
]
