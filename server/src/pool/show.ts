import type { PoolState } from '@spoq/contracts/pool'
import { listUnclaimed, warmStage } from '../machine/unclaimed.ts'
import { type PoolPorts, pooled } from './ports.ts'
import { findLimits } from './store.ts'

/** How many machines are made ahead, and how many there are to be. */
export async function show(ports: Pick<PoolPorts, 'db' | 'providers' | 'limits' | 'maxAgeMs'>): Promise<PoolState> {
  const provider = pooled(ports)
  const rows = provider ? await listUnclaimed(ports.db, provider.name) : []
  const warm = rows.filter(({ stage }) => stage === warmStage).length
  const failed = rows.filter(({ state }) => state === 'failed').length
  return {
    provider: provider?.name ?? null,
    ...((await findLimits(ports.db)) ?? ports.limits),
    maxAgeHours: ports.maxAgeMs / 3_600_000,
    warm,
    making: rows.length - warm - failed,
    failed,
  }
}
