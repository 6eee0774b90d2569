import { givePlan, listPlans, showPlan } from '@spoq/contracts/plan'
import type { Serve } from '../http/serve.ts'
import { give } from './give.ts'
import { type PlanPorts, planOf } from './of.ts'
import { allPlans } from './table.ts'

export function registerPlans(serve: Serve, ports: PlanPorts): void {
  serve.anyone(listPlans, async () => ({ plans: [...allPlans], usual: ports.usual }))
  serve.account(showPlan, (_, { account }) => planOf(ports, account))
  serve.admin(givePlan, ({ body }, asker) => give(ports, asker, body))
}
