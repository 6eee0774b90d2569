// What the plan of an account allows of machines. Those on hardware of the owner's own are the owner's affair.

import type { ProviderName } from '@spoq/contracts/machine'
import type { Plan } from '@spoq/contracts/plan'
import type { Transaction } from 'kysely'
import type { Tables } from '../db/tables.ts'
import { assertWithin } from '../plan/limit.ts'
import type { MachinePorts } from './ports.ts'
import { countOf } from './store.ts'

type Providers = MachinePorts['providers']

/** @throws SpoqError `plan_limit` when the plan has no machines of this provider. */
export function assertIncluded(providers: Providers, plan: Plan, provider: ProviderName): void {
  const on = hardwareOf(providers, provider)
  if (on !== 'own') assertWithin(plan, { limit: 'hardware', on })
}

/**
 * In the transaction that made this machine, which `lockTurn` began.
 * @throws SpoqError `plan_limit` when the account has more by it than its plan allows.
 */
export async function assertRoom(
  trx: Transaction<Tables>,
  providers: Providers,
  plan: Plan,
  { account_id: account, provider }: { account_id: string; provider: ProviderName },
): Promise<void> {
  const room = roomOf(providers, plan, provider)
  if (room) assertWithin(plan, { limit: 'machines', count: await countOf(trx, account, room.counted) })
}

/** How many machines of which providers an account may have; null: as many as it likes. */
export interface Room {
  most: number
  counted: readonly ProviderName[]
}

export function roomOf(providers: Providers, { limits }: Plan, provider: ProviderName): Room | null {
  if (limits.machines === null || hardwareOf(providers, provider) === 'own') return null
  const counted = [...providers.keys()].filter(name => hardwareOf(providers, name) !== 'own')
  return { most: limits.machines, counted }
}

/** On whose hardware a provider's machines are. */
export function hardwareOf(providers: Providers, name: ProviderName): 'own' | 'fleet' | 'rented' {
  return providers.get(name)?.capabilities.hardware ?? 'rented'
}
