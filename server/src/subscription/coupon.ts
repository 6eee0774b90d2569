import { SpoqError } from '@spoq/contracts/problem'
import type { Stripe } from '../stripe/open.ts'
import { asking } from '../stripe/problem.ts'

/** The id of the promotion code that somebody typed. @throws SpoqError `coupon_unknown`, `billing_unavailable`. */
export async function couponOf(stripe: Stripe, code: string): Promise<string> {
  const { data } = await asking(() => stripe.promotionCodes.list({ code, active: true, limit: 1 }))
  if (data[0]) return data[0].id
  throw new SpoqError('coupon_unknown', { message: `There is no coupon ${code}, or it is over.` })
}
