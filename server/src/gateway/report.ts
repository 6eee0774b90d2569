import type { TunnelHolder } from '@spoq/contracts/gateway'
import type { Log } from '../log.ts'

interface Options {
  holders: () => TunnelHolder[]
  report: (tunnels: readonly TunnelHolder[]) => Promise<string[]>
  cut: (machine: string) => void
  log: Log
}

const everyMs = 10_000
/** Changes that come within so long are told together. */
const gatherMs = 100

/** Tells the backend which machines are here, now and then and soon after a change, and cuts those that it no longer wants. */
export function keepReporting({ holders, report, cut, log }: Options): { soon(): void; stop(): void } {
  let isAway = false
  let coming: NodeJS.Timeout | undefined
  let isSoon = false
  let isOver = false

  async function tell(): Promise<void> {
    const told = holders()
    try {
      const unwanted = new Set(await report(told))
      if (isAway) log('info', 'backend.back')
      isAway = false
      const isSame = (one: TunnelHolder) =>
        told.some(({ machine, generation }) => machine === one.machine && generation === one.generation)
      // One that has come back with another token meanwhile stays.
      for (const one of holders()) if (unwanted.has(one.machine) && isSame(one)) cut(one.machine)
    } catch {
      if (!isAway) log('warn', 'backend.away')
      isAway = true
    }
  }

  function inMs(ms: number): void {
    if (isOver) return
    clearTimeout(coming)
    coming = setTimeout(async () => {
      isSoon = false
      await tell()
      if (!isSoon) inMs(everyMs)
    }, ms)
  }
  function soon(): void {
    // Many changes in a row do not put it off for ever.
    if (isSoon) return
    isSoon = true
    inMs(gatherMs)
  }
  soon()
  return {
    soon,
    stop: () => {
      isOver = true
      clearTimeout(coming)
    },
  }
}
