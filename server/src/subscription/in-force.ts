import type { Plan } from '@spoq/contracts/plan'
import { type PlanPorts, planOf } from '../plan/of.ts'
import { findOf } from './store.ts'

/** The plan by which machines of an account may run; null: in the grace after its last payment none may. */
export async function planInForce(ports: Pick<PlanPorts, 'db' | 'usual'>, account: string): Promise<Plan | null> {
  const { plan, source } = await planOf(ports, account)
  if (source === 'given') return plan
  return (await findOf(ports.db, account))?.state === 'grace' ? null : plan
}
