// What the plan of an account allows of machines. Those on hardware of the owner's own are the owner's affair, and those that
// are paid from credit stand beside any plan.

import type { ProviderName } from '@spoq/contracts/machine'
import type { Plan } from '@spoq/contracts/plan'
import type { Transaction } from 'kysely'
import type { MachineRow, Tables } from '../db/tables.ts'
import { assertWithin } from '../plan/limit.ts'
import { planTemplates } from '../template/table.ts'
import type { MachinePorts } from './ports.ts'
import { type Counted, countOf } from './store.ts'

type Providers = MachinePorts['providers']

/** By what it is known who pays for a machine. */
export type Kind = Pick<MachineRow, 'provider' | 'template'>

/** Whether the plan of its account pays for it, so that the plan's limits are its own. */
export function isOfPlan(providers: Providers, { provider, template }: Kind): boolean {
  return hardwareOf(providers, provider) !== 'own' && planTemplates.includes(template)
}

/** Whether it is one of the operator's fleet that its plan pays for. */
export const isOfFleet = (providers: Providers, kind: Kind): boolean =>
  hardwareOf(providers, kind.provider) === 'fleet' && isOfPlan(providers, kind)

/** @throws SpoqError `plan_limit` when the plan has no machines of this provider. */
export function assertIncluded(providers: Providers, plan: Plan, kind: Kind): void {
  const on = hardwareOf(providers, kind.provider)
  if (on !== 'own' && isOfPlan(providers, kind)) assertWithin(plan, { limit: 'hardware', on })
}

/**
 * In the transaction that made this machine, which `lockTurn` began.
 * @throws SpoqError `plan_limit` when the account has more by it than its plan allows.
 */
export async function assertRoom(
  trx: Transaction<Tables>,
  providers: Providers,
  plan: Plan,
  { account_id: account, ...kind }: Kind & { account_id: string },
): Promise<void> {
  const room = roomOf(providers, plan, kind)
  if (room) assertWithin(plan, { limit: 'machines', count: await countOf(trx, account, room.counted) })
}

/** How many machines of which kind an account may have; null: as many as it likes. */
export interface Room {
  most: number
  counted: Counted
}

export function roomOf(providers: Providers, { limits }: Plan, kind: Kind): Room | null {
  if (limits.machines === null || !isOfPlan(providers, kind)) return null
  const counted = [...providers.keys()].filter(name => hardwareOf(providers, name) !== 'own')
  return { most: limits.machines, counted: { providers: counted, templates: planTemplates } }
}

/** On whose hardware a provider's machines are. */
export function hardwareOf(providers: Providers, name: ProviderName): 'own' | 'fleet' | 'rented' {
  return providers.get(name)?.capabilities.hardware ?? 'rented'
}
