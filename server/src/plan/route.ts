import type { MessageUse } from '@spoq/contracts/message'
import { givePlan, listPlans, showPlan } from '@spoq/contracts/plan'
import type { Serve } from '../http/serve.ts'
import { give } from './give.ts'
import { type PlanPorts, planOf } from './of.ts'
import { allPlans } from './table.ts'

/** `usesOf`: what an account used of its plan's messages. */
export function registerPlans(
  serve: Serve,
  ports: PlanPorts,
  usesOf: (account: string) => Promise<MessageUse[]>,
): void {
  serve.anyone(listPlans, async () => ({ plans: [...allPlans], usual: ports.usual }))
  serve.account(showPlan, async (_, { account }) => {
    const [had, messages] = await Promise.all([planOf(ports, account), usesOf(account)])
    return { ...had, messages }
  })
  serve.admin(givePlan, ({ body }, asker) => give(ports, asker, body))
}
