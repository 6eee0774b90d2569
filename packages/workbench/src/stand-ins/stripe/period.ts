// Months and years of billing: from an anchor, on its day, or on the month's last where it has no such day.

export interface Every {
  /** day, week, month or year. */
  interval: string
  interval_count: number
}

/** When the `n`th period after `anchor` starts; Unix seconds, UTC. */
export function nthPeriod(anchor: number, every: Every, n: number): number {
  const steps = every.interval_count * n
  if (every.interval === 'day') return anchor + steps * 86_400
  if (every.interval === 'week') return anchor + steps * 7 * 86_400
  const date = new Date(anchor * 1000)
  const months = date.getUTCMonth() + steps * (every.interval === 'year' ? 12 : 1)
  const first = new Date(date)
  first.setUTCDate(1)
  first.setUTCMonth(months)
  const lastDay = new Date(Date.UTC(first.getUTCFullYear(), first.getUTCMonth() + 1, 0)).getUTCDate()
  first.setUTCDate(Math.min(date.getUTCDate(), lastDay))
  return first.getTime() / 1000
}

/** The end of the period that starts at `start`, counted from `anchor`. */
export function periodEnd(anchor: number, every: Every, start: number): number {
  for (let n = 0; ; n++) {
    const at = nthPeriod(anchor, every, n)
    if (at > start) return at
  }
}

/** The share `part / whole` of cents, to the nearest cent, halves away from zero. */
export function share(cents: number, part: number, whole: number): number {
  const exact = BigInt(Math.abs(cents)) * BigInt(part) * 2n + BigInt(whole)
  const rounded = Number(exact / (BigInt(whole) * 2n))
  return cents < 0 && rounded !== 0 ? -rounded : rounded
}
