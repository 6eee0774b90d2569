// Which machines are connected to which gateway, as those beside this backend told last. It is kept in memory: a gateway
// tells all of it every few seconds.

/** A gateway that has told nothing for so long is gone. */
export const silentMs = 60_000

export interface Presence {
  /** Takes a gateway's report; answers the machines that were nowhere before. */
  report(gateway: string, machines: readonly string[]): string[]
  forget(gateway: string): void
  has(machine: string): boolean
  /** How many machines are connected to each gateway. */
  count(): Record<string, number>
}

export function openPresence(now: () => number): Presence {
  const reports = new Map<string, { at: number; machines: ReadonlySet<string> }>()
  const current = () => {
    for (const [gateway, { at }] of reports) if (now() - at > silentMs) reports.delete(gateway)
    return reports
  }
  const has = (machine: string) => [...current().values()].some(({ machines }) => machines.has(machine))
  return {
    report(gateway, machines) {
      const came = machines.filter(machine => !has(machine))
      reports.set(gateway, { at: now(), machines: new Set(machines) })
      return came
    },
    forget: gateway => void reports.delete(gateway),
    has,
    count: () => Object.fromEntries([...current()].map(([gateway, { machines }]) => [gateway, machines.size])),
  }
}
