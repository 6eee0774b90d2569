// The bench's own time: nothing passes unless it is told to.

import type { Timers } from '@spoq/server/timers'

export interface Clock {
  now(): number
  /** Timers of one incarnation; they end with it. */
  timers(): Timers & { end(): void }
  /** When the next timer is due; null when none is. */
  due(): number | null
  /** Lets the time pass to the next timer and calls it. */
  next(): void
  /** Lets time pass without calling anybody. */
  pass(ms: number): void
}

interface Timer {
  at: number
  call: () => void
  every: number | null
}

export function openClock(start: number): Clock {
  let time = start
  const all = new Set<Timer>()

  function add(ms: number, call: () => void, every: number | null): Timer {
    const timer = { at: time + ms, call, every }
    all.add(timer)
    return timer
  }

  const first = () =>
    [...all].reduce<Timer | null>((first, timer) => (first && first.at <= timer.at ? first : timer), null)

  return {
    now: () => time,
    timers() {
      const mine = new Set<Timer>()
      const set = (ms: number, call: () => void, every: number | null) => {
        const timer = add(ms, call, every)
        mine.add(timer)
        return () => void all.delete(timer)
      }
      return {
        after: (ms, call) => set(ms, call, null),
        every: (ms, call) => set(ms, call, ms),
        end: () => {
          for (const timer of mine) all.delete(timer)
        },
      }
    },
    due: () => first()?.at ?? null,
    next() {
      const due = first()
      if (!due) return
      time = Math.max(time, due.at)
      if (due.every === null) all.delete(due)
      else due.at = time + due.every
      due.call()
    },
    pass: ms => {
      time += ms
    },
  }
}
