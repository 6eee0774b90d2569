// One sync of a folder at a time.

import { setTimeout as sleep } from 'node:timers/promises'
import { SpoqError } from '@spoq/contracts/problem'

/** A request whose client was killed is noticed within this time. */
const patienceMs = 5_000

/** Answers a function that does work for a name when nobody else does. @throws SpoqError `sync_busy` after a while. */
export function turnTaker(): <T>(name: string, work: () => Promise<T>) => Promise<T> {
  const busy = new Map<string, Promise<unknown>>()
  return async (name, work) => {
    const late = AbortSignal.timeout(patienceMs)
    for (let before = busy.get(name); before; before = busy.get(name)) {
      await Promise.race([before, sleep(patienceMs, undefined, { signal: late }).catch(() => {})])
      if (late.aborted && busy.get(name) === before) throw new SpoqError('sync_busy', { retryAfter: 1 })
    }
    const working = work()
    const settled = working.then(
      () => {},
      () => {},
    )
    busy.set(name, settled)
    try {
      return await working
    } finally {
      busy.delete(name)
    }
  }
}
