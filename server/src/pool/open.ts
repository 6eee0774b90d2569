// The pool as it runs: kept every 30 seconds, and a moment after somebody asked for a machine.

import type { MachineRow } from '../db/tables.ts'
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
const mostMoments = 5

/** `wake`: has the reconciler look at a machine now, which may just have been claimed, and ends when it has. */
export function openPool(
  ports: PoolPorts,
  wake: (machine: string, claimed: MachineRow) => Promise<void>,
  everyMs = 30_000,
  timers: Timers = realTimers,
): RunningPool {
  const { now, log, issuer, lease, maxAgeMs } = ports
  const provider = pooled(ports)
  /** What machines were made of at the last look. */
  let form: string | undefined
  let keeping = Promise.resolve()
  let soon: (() => void) | null = null
  /** How many are being told whose they are. */
  let handed = 0
  let stopped = false

  const look = (looking: boolean) => {
    keeping = keeping
      .then(async () => {
        if (!stopped) form = await keepPool(ports, looking)
      })
      .catch(error => {
        form = undefined
        log('warn', 'pool.not-kept', { error: textOf(error) })
      })
  }
  /** Whoever waits for a machine goes before those who may come: what is made meanwhile slows all of them down. */
  const refill = (moments: number) => {
    soon = handed > 0 && moments > 0 ? timers.after(momentMs, () => refill(moments - 1)) : null
    if (!soon) look(false)
  }
  look(true)
  const noMoreLooks = timers.every(everyMs, () => look(true))

  return {
    lease,
    fitFor({ provider: name, template, region = null, size = null }) {
      if (name !== provider?.name || form === undefined) return undefined
      return { provider: name, template, region, size, form, issuer, madeAfter: new Date(now() - maxAgeMs) }
    },
    async asked(claimed) {
      soon ??= timers.after(momentMs, () => refill(mostMoments))
      if (!claimed) return
      handed++
      await forAMoment(wake(claimed.id, claimed), timers).finally(() => handed--)
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

async function forAMoment(work: Promise<void>, timers: Timers): Promise<void> {
  const late = Promise.withResolvers<void>()
  const callOff = timers.after(patienceMs, late.resolve)
  await Promise.race([work, late.promise])
  callOff()
}
