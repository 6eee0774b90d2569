// Signatures that were wrong or nobody's, by where they came from: who has too many is not heard for a while. An IPv6 address
// counts as its /64, which one person has whole.

interface Failures {
  count: number
  since: number
}

export interface FailureCount {
  /** Whether that address has failed too often. */
  isBarred(address: string): boolean
  failed(address: string): void
}

const windowMs = 10 * 60_000
const most = 60
/** Addresses that are remembered; the oldest are forgotten. */
const mostAddresses = 50_000

export function countFailures(now: () => number): FailureCount {
  const byPlace = new Map<string, Failures>()
  const current = (place: string) => {
    const found = byPlace.get(place)
    return found && now() - found.since < windowMs ? found : undefined
  }
  return {
    isBarred: address => (current(placeOf(address))?.count ?? 0) >= most,
    failed(address) {
      const place = placeOf(address)
      const before = current(place) ?? { count: 0, since: now() }
      byPlace.delete(place)
      byPlace.set(place, { ...before, count: before.count + 1 })
      const [oldest] = byPlace.keys()
      if (byPlace.size > mostAddresses && oldest !== undefined) byPlace.delete(oldest)
    },
  }
}

/** An IPv4 address as it is, the first four groups of an IPv6 one. */
export function placeOf(address: string): string {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '')
  if (!plain.includes(':')) return plain
  const [before = '', after] = plain.split('::')
  const head = before.split(':').filter(Boolean)
  const tail = after === undefined ? [] : after.split(':').filter(Boolean)
  const middle =
    after === undefined ? [] : Array.from({ length: Math.max(0, 8 - head.length - tail.length) }, () => '0')
  return [...head, ...middle, ...tail]
    .slice(0, 4)
    .map(group => Number.parseInt(group, 16).toString(16))
    .join(':')
}
