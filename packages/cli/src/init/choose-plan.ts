// Offers a plan to who has none; whoever does not want one goes on with the usual one.

import { call } from '@spoq/client/call'
import type { Target } from '@spoq/client/target'
import { listPlans, type PlanName, showPlan, soldPlans } from '@spoq/contracts/plan'
import { showSubscription } from '@spoq/contracts/subscription'
import type { Context } from '../context.ts'
import { buy } from '../subscription/buy.ts'
import { amount } from '../subscription/words.ts'
import { choose } from '../terminal.ts'

/** The plan that the account has then, in a line. Asks only where something is sold, and only once there is a person to ask. */
export async function planToUse(context: Context, backend: Target): Promise<string> {
  const [{ plan, source }, { card, subscription }] = await Promise.all([
    call(backend, showPlan),
    call(backend, showSubscription),
  ])
  const isOpen = card && source === 'default' && (subscription === null || subscription.state === 'incomplete')
  if (!isOpen || !context.terminal.interactive) return `Plan: ${plan.title}.`
  const { plans } = await call(backend, listPlans)
  const sold = plans.filter(({ name }) => (soldPlans as readonly string[]).includes(name))
  const chosen = await choose<PlanName>(context.terminal, {
    message: `You have the plan ${plan.title}. Another one?`,
    flag: 'spoq subscribe --plan',
    choices: [
      { name: `${plan.title}, as it is`, value: plan.name },
      ...sold.map(({ name, title, price }) => ({
        name: `${title}: ${amount(price.month ?? 0, 'usd')} a month`,
        value: name,
      })),
    ],
  })
  if (chosen === plan.name) return `Plan: ${plan.title}.`
  const bought = await buy(context, backend, { plan: chosen, interval: 'month', yes: false, wait: true })
  return `Plan: ${bought.plan.title}, paid until ${bought.subscription.periodEnd?.slice(0, 10)}.`
}
