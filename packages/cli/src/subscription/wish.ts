// Which plan somebody wants, and that they agree to what it costs.

import { option, string } from '@oclif/core/flags'
import { call } from '@spoq/client/call'
import type { Target } from '@spoq/client/target'
import { type BillingInterval, listPlans, type Plan, type PlanName, soldPlans } from '@spoq/contracts/plan'
import { SpoqError } from '@spoq/contracts/problem'
import { previewSubscription, type Total } from '@spoq/contracts/subscription'
import type { Context } from '../context.ts'
import { choose, confirm } from '../terminal.ts'
import { amount, totalInWords } from './words.ts'

export const wishFlags = {
  plan: option({ options: soldPlans, description: 'which plan; on a terminal it is asked for' })(),
  interval: option({ options: ['month', 'year'] as const, default: 'month', description: 'how it is paid' })(),
  coupon: string({ helpValue: 'CODE', description: 'takes something off' }),
}

interface Wish {
  plan: PlanName
  interval: BillingInterval
  coupon?: string
}

/** @throws SpoqError `needs_terminal` that names the flag, `interrupted` when the person does not agree. */
export async function agreedWish(
  context: Context,
  backend: Target,
  flags: { plan?: PlanName | undefined; interval: BillingInterval; coupon?: string | undefined; yes: boolean },
): Promise<{ wish: Wish; plan: Plan; total: Total }> {
  const { plans } = await call(backend, listPlans)
  const name = flags.plan ?? (await chosen(context, plans))
  const plan = plans.find(one => one.name === name)
  if (!plan) throw new SpoqError('plan_not_sold')
  const wish = { plan: name, interval: flags.interval, ...(flags.coupon ? { coupon: flags.coupon } : {}) }
  const total = await call(backend, previewSubscription, { query: wish })
  const words = totalInWords(plan.title, flags.interval, total)
  const message = `${words} Go on?`
  if (!flags.yes && !(await confirm(context.terminal, { message, flag: '--yes', default: true })))
    throw new SpoqError('interrupted', { message: 'Nothing was bought.', next: 'Compare: spoq plan list.' })
  if (flags.yes) console.error(words)
  return { wish, plan, total }
}

async function chosen({ terminal }: Context, plans: readonly Plan[]): Promise<PlanName> {
  const sold = plans.filter(({ name }) => (soldPlans as readonly string[]).includes(name))
  const choices = sold.map(({ name, title, price }) => ({
    name: `${title}: ${amount(price.month ?? 0, 'usd')} a month`,
    value: name,
  }))
  return choose(terminal, { message: 'Which plan?', flag: `--plan ${soldPlans.join('|')}`, choices })
}
