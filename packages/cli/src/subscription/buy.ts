import { call } from '@spoq/client/call'
import type { Target } from '@spoq/client/target'
import type { BillingInterval, Plan, PlanName } from '@spoq/contracts/plan'
import { type Subscription, subscribe, type Total } from '@spoq/contracts/subscription'
import type { Context } from '../context.ts'
import { lead, waitUntilPaid } from './pay.ts'
import { agreedWish } from './wish.ts'

interface Buying {
  plan?: PlanName | undefined
  interval: BillingInterval
  coupon?: string | undefined
  yes: boolean
  /** False: answers as soon as there is somewhere to pay. */
  wait: boolean
}

/** Has a plan paid for. For errors see the routes, `agreedWish` and `waitUntilPaid`. */
export async function buy(
  context: Context,
  backend: Target,
  buying: Buying,
): Promise<{ subscription: Subscription; plan: Plan; total: Total }> {
  const { wish, plan, total } = await agreedWish(context, backend, buying)
  const begun = await call(backend, subscribe, { body: wish })
  if (begun.checkout && (buying.wait || !context.json)) lead(context, 'Pay here', begun.checkout.url)
  const subscription = buying.wait ? await waitUntilPaid(context, backend, begun) : begun
  return { subscription, plan, total }
}
