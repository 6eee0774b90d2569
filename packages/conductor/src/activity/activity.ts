// When the machine was used last, and whether it takes requests: one that nobody uses may be put to sleep. What its backend
// asks for its own ends, and looks at how it does, are no use of it.

import { setAccess, showAccess, sleepMachine } from '@spoq/contracts/access'
import { prepareSsh } from '@spoq/contracts/ssh'
import { health, showStatus } from '@spoq/contracts/status'
import { hasLeft, type Outgoing } from '../http/has-left.ts'

export interface Activity {
  /** Counts a request that was let in as use until its answer has ended. */
  watch(path: string, outgoing: Outgoing | undefined): void
  /** Takes no more requests, unless it was used within so many ms or is at something. Answers whether, and when it was used last, in ms. */
  sleep(idleMs: number): { asleep: boolean; activeAt: number }
  isAsleep(): boolean
  /** Takes requests again. */
  wake(): void
  stop(): void
}

interface Options {
  now: () => number
  /** Whether it is at something by itself: a turn, a command. One that waits for a person is not. */
  busy: () => boolean
}

const noUse = new Set([health, showStatus, setAccess, showAccess, sleepMachine, prepareSsh].map(({ path }) => path))
/** How often it is looked whether it is at something. */
const sampleMs = 10_000
/** Whoever had it sleep has it off by then, or died over it. */
const asleepMs = 30_000

export function openActivity({ now, busy }: Options): Activity {
  let activeAt = now()
  let open = 0
  let asleepUntil = 0
  const used = () => {
    activeAt = now()
  }
  const sample = setInterval(() => (busy() || open > 0) && used(), sampleMs).unref()
  return {
    watch(path, outgoing) {
      if (noUse.has(path)) return
      used()
      if (!outgoing || hasLeft(outgoing)) return
      open += 1
      outgoing.once('close', () => {
        open -= 1
        used()
      })
    },
    sleep(idleMs) {
      if (open > 0 || busy()) used()
      const asleep = now() - activeAt >= idleMs && open === 0 && !busy()
      if (asleep) asleepUntil = now() + asleepMs
      return { asleep, activeAt }
    },
    isAsleep: () => now() < asleepUntil,
    wake: () => {
      asleepUntil = 0
    },
    stop: () => clearInterval(sample),
  }
}
