// What is to be done when its time has come, in order of time.

export function agenda(clock: () => number) {
  const entries: { time: number; act: () => void }[] = []
  let doing: number | null = null

  return {
    /** Unix seconds; while something overdue is done, the time at which it was due. */
    now: (): number => doing ?? Math.floor(clock() / 1000),
    at(time: number, act: () => void): void {
      const place = entries.findIndex(entry => entry.time > time)
      entries.splice(place < 0 ? entries.length : place, 0, { time, act })
    },
    /** Does the next thing that is due; false when there is none. */
    step(): boolean {
      const [next] = entries
      if (!next || next.time * 1000 > clock()) return false
      entries.shift()
      doing = next.time
      try {
        next.act()
      } finally {
        doing = null
      }
      return true
    },
  }
}
