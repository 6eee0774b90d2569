// What a backend says while it lives: that it does, and that what it works on stays its own. It also looks for those who
// went silent.

import { textOf } from '../log.ts'
import { listLapsed, renewLeases } from '../machine/lease.ts'
import { realTimers } from '../timers.ts'
import type { ReconcilePorts } from './ports.ts'

/** Renews what this backend holds, three times before it would end, and wakes what another lost. Answers how to end that. */
export function keepLeases(
  { db, lease, log }: ReconcilePorts,
  wake: (machine: string) => void,
  timers = realTimers,
): () => Promise<void> {
  let renewing = Promise.resolve()
  const renew = async () => {
    await renewLeases(db, lease)
    for (const machine of await listLapsed(db)) wake(machine)
  }
  const noMore = timers.every(lease.ms / 3, () => {
    renewing = renewing.then(renew).catch(error => log('error', 'lease.not-renewed', { error: textOf(error) }))
  })
  return () => {
    noMore()
    return renewing
  }
}
