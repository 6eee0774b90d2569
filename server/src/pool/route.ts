import { drainPool, setPool, showPool } from '@spoq/contracts/pool'
import type { Serve } from '../http/serve.ts'
import type { PoolPorts } from './ports.ts'
import { set } from './set.ts'
import { show } from './show.ts'

/** `changed`: has the pool looked at now. */
export function registerPool(serve: Serve, ports: PoolPorts, changed: () => void): void {
  const andLook = <T>(state: T) => {
    changed()
    return state
  }
  serve.admin(showPool, () => show(ports))
  serve.admin(setPool, async ({ body }, asker) => andLook(await set(ports, asker, body)))
  serve.admin(drainPool, async (_, asker) => andLook(await set(ports, asker, { min: 0, max: 0 }, 'pool.drain')))
}
