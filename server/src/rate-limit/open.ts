// Limits of requests, counted in the database by all backends together. A request waits for no row: each backend counts in
// memory and adds to the shared count once a second, and at each tenth of a limit. So N backends let through at most
// N - 1 tenths more than the limit, and what arrives while one statement runs.

import { SpoqError } from '@spoq/contracts/problem'
import { type Log, textOf } from '../log.ts'
import { type Added, addCounts, dropCounts, type RateLimitDb } from './count.ts'

/** Requests a minute. A key for models that an account sets has one made by us to its vendor; a probe connects to a server. */
export const perMinute = { address: 100, account: 1_000, token: 1_000, modelKey: 20, probe: 20 } as const
export type Counted = keyof typeof perMinute

const byAccount: ReadonlySet<Counted> = new Set(['account', 'modelKey', 'probe'])

const windowMs = 60_000
const flushMs = 1_000

export interface RateLimit {
  /**
   * Counts one request of an address without an account, of an account, or of an address for tokens; or a key that an
   * account sets, or a server that we connect to for it.
   * @throws SpoqError `rate_limited` with the time to wait.
   */
  take(kind: Counted, who: string): void
  /** Adds what was counted to the shared counts. */
  flush(): Promise<void>
  stop(): Promise<void>
}

interface Count {
  /** Of all backends, as far as known. */
  shared: number
  /** Of this one, and not added yet. */
  fresh: number
  until: number
}

/** Begins to count. */
export function openRateLimit({ db, now, log }: { db: RateLimitDb; now: () => number; log: Log }): RateLimit {
  const counts = new Map<string, Count>()
  let adding: Promise<void> | undefined

  function countOf(key: string): Count {
    const found = counts.get(key)
    if (found && found.until > now()) return found
    const fresh = { shared: 0, fresh: 0, until: now() + windowMs }
    counts.set(key, fresh)
    return fresh
  }

  async function add(): Promise<void> {
    const due = [...counts].filter(([, { fresh }]) => fresh > 0).slice(0, 1_000)
    const added = due.map(([key, { fresh, until }]): Added => ({ key, count: fresh, until: new Date(until) }))
    for (const [, count] of due) {
      // Counted as shared while it is on its way: it is let through no second time.
      count.shared += count.fresh
      count.fresh = 0
    }
    if (added.length === 0) return
    for (const { key, count, until } of await addCounts(db, added, now())) {
      const mine = counts.get(key)
      if (mine) Object.assign(mine, { shared: count, until: until.getTime() })
    }
  }

  function flush(): Promise<void> {
    adding ??= add()
      .catch(error => log('error', 'rate-limit.failed', { error: textOf(error) }))
      .finally(() => {
        adding = undefined
      })
    return adding
  }

  function forget(): void {
    for (const [key, { until }] of counts) if (until <= now()) counts.delete(key)
  }

  const timers = [
    setInterval(flush, flushMs),
    setInterval(() => {
      forget()
      void dropCounts(db, now()).catch(error => log('error', 'rate-limit.failed', { error: textOf(error) }))
    }, windowMs),
  ]
  return {
    take(kind, who) {
      const most = perMinute[kind]
      const count = countOf(`${kind}:${byAccount.has(kind) ? who : networkOf(who)}`)
      if (count.shared + count.fresh >= most) throw limited(Math.ceil((count.until - now()) / 1_000))
      count.fresh += 1
      if (count.fresh >= most / 10) void flush()
    },
    flush,
    stop: async () => {
      for (const timer of timers) clearInterval(timer)
      await adding
      await flush()
    },
  }
}

function limited(seconds: number): SpoqError {
  const retryAfter = Math.max(1, seconds)
  return new SpoqError('rate_limited', { retryAfter, next: `Wait ${retryAfter} s, then try again.` })
}

/** Of IPv6 the first 64 bits: whoever has one address there has all of them. */
export function networkOf(address: string): string {
  if (!address.includes(':')) return address
  const [head = '', tail] = address.split('%', 1)[0]?.split('::') ?? []
  const first = head === '' ? [] : head.split(':')
  const last = tail ? tail.split(':') : []
  const missing = tail === undefined ? 0 : 8 - first.length - last.length
  const groups = [...first, ...Array<string>(Math.max(0, missing)).fill('0'), ...last]
  return groups
    .slice(0, 4)
    .map(group => Number.parseInt(group || '0', 16).toString(16))
    .join(':')
}
