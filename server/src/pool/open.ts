// The pool as it runs: kept every 30 seconds, and a moment after somebody asked for a machine.

import type { ProvisioningProvider } from '@spoq/providers'
import { textOf } from '../log.ts'
import type { Pool } from '../machine/ports.ts'
import { realTimers, type Timers } from '../timers.ts'
import { keepPool } from './keep.ts'
import { type PoolPorts, pooled } from './ports.ts'

export interface RunningPool extends Pool {
  /** Looks at once. */
  look(): void
  /** Ends when nothing is being done. */
  stop(): Promise<void>
}

/** Many who ask at once are one reason to look. */
const momentMs = 1_000
/** How long it is known what machines are made of: looked up at each look, so that nobody who asks waits for it. */
const formMs = 60_000

/** `wake`: has the reconciler look at a machine now, and ends when it has. */
export function openPool(
  ports: PoolPorts,
  wake: (machine: string) => Promise<void>,
  everyMs = 30_000,
  timers: Timers = realTimers,
): RunningPool {
  const { now, log, issuer, maxAgeMs } = ports
  const provider = pooled(ports)
  const formOf = remembering(provider, now)
  let keeping = Promise.resolve()
  let soon: (() => void) | null = null
  let stopped = false

  const look = (looking: boolean) => {
    formOf(true).catch(() => {})
    keeping = keeping
      .then(() => (stopped ? undefined : keepPool(ports, looking)))
      .catch(error => log('warn', 'pool.not-kept', { error: textOf(error) }))
  }
  look(true)
  const noMoreLooks = timers.every(everyMs, () => look(true))

  return {
    async fitFor({ provider: name, template, region = null, size = null }) {
      if (name !== provider?.name) return undefined
      const form = await formOf().catch(() => undefined)
      const madeAfter = new Date(now() - maxAgeMs)
      return form === undefined ? undefined : { provider: name, template, region, size, form, issuer, madeAfter }
    },
    async asked(claimed) {
      soon ??= timers.after(momentMs, () => {
        soon = null
        look(false)
      })
      if (claimed) await soonAtLast(wake(claimed), timers)
    },
    look: () => look(false),
    async stop() {
      stopped = true
      noMoreLooks()
      soon?.()
      await keeping
    },
  }
}

/** Whoever asked does not wait for longer than this. */
const patienceMs = 2_000

async function soonAtLast(work: Promise<void>, timers: Timers): Promise<void> {
  const late = Promise.withResolvers<void>()
  const callOff = timers.after(patienceMs, late.resolve)
  await Promise.race([work, late.promise])
  callOff()
}

/** Many who ask at once ask the provider once. What it does not say is asked for again. */
function remembering(
  provider: ProvisioningProvider | undefined,
  now: () => number,
): (anew?: boolean) => Promise<string | undefined> {
  let known: { form: Promise<string | undefined>; at: number } | null = null
  return (anew = false) => {
    if (known && !anew && now() - known.at < formMs) return known.form
    const asked = { form: Promise.resolve(provider?.form?.()), at: now() }
    const before = known
    // While it is looked up anew what was known counts.
    if (!before) known = asked
    asked.form.then(
      () => {
        known = asked
      },
      () => {
        if (known === asked) known = null
      },
    )
    return asked.form
  }
}
