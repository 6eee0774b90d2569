import type { PoolState } from '@spoq/contracts/pool'
import { SpoqError } from '@spoq/contracts/problem'
import { type Asker, askedBy } from '../audit/asked-by.ts'
import { record } from '../audit/record.ts'
import type { PoolPorts } from './ports.ts'
import { show } from './show.ts'
import { findLimits, lockLimits, putLimits } from './store.ts'

export interface Asked {
  min?: number | undefined
  max?: number | undefined
}

/**
 * Says how many machines are made ahead; what is left out stays as it is.
 * @throws SpoqError `pool_limits_invalid` when there would be more at least than at most.
 */
export async function set(ports: PoolPorts, asker: Asker, asked: Asked, action = 'pool.set'): Promise<PoolState> {
  const { db, now } = ports
  await db.transaction().execute(async trx => {
    await lockLimits(trx)
    const before = (await findLimits(trx)) ?? ports.limits
    const limits = { min: asked.min ?? before.min, max: asked.max ?? before.max }
    if (limits.min > limits.max)
      throw new SpoqError('pool_limits_invalid', {
        message: `At least ${limits.min} and at most ${limits.max} is not possible.`,
      })
    await putLimits(trx, limits, now())
    const reason = `${before.min} to ${before.max}, now ${limits.min} to ${limits.max}`
    await record(trx, { ...askedBy(asker), action, resource: 'pool', reason }, now())
  })
  return show(ports)
}
