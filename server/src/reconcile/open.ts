// The reconciler as it runs: woken for one machine by a job, for one that is due by a timer, for all by the scan.

import type { MachineRow } from '../db/tables.ts'
import { textOf } from '../log.ts'
import { realTimers, type Timers } from '../timers.ts'
import { orphanSweep } from './orphans.ts'
import type { ReconcilePorts } from './ports.ts'
import { reconcileMachine } from './reconcile.ts'
import { scan } from './scan.ts'
import { openTurns } from './turns.ts'

export interface Reconciler {
  /** Has it look at a machine now, which may just have been claimed; a machine it is busy with is looked at once more. Ends when that is done for now. */
  wake(machine: string, claimed?: MachineRow): Promise<void>
  /** Ends when the machines that are being worked on are at rest. */
  stop(): Promise<void>
}

interface Work {
  done: Promise<void>
  again: boolean
}

/** Starts it with a scan, and scans again after each `scanMs`. */
export function openReconciler(ports: ReconcilePorts, scanMs = 30_000, timers: Timers = realTimers): Reconciler {
  const busy = new Map<string, Work>()
  /** How to call off each. */
  const alarms = new Map<string, () => void>()
  const sweep = orphanSweep(ports)
  const ending = new AbortController()
  const turns = openTurns(machine => void wake(machine))
  let stopped = false

  async function wake(machine: string, claimed?: MachineRow): Promise<void> {
    if (stopped) return
    alarms.get(machine)?.()
    alarms.delete(machine)
    const work = busy.get(machine)
    if (!work) return begin(machine, claimed)
    work.again = true
    await work.done
    await busy.get(machine)?.done
  }

  function begin(machine: string, claimed?: MachineRow): Promise<void> {
    const work: Work = { again: false, done: Promise.resolve() }
    busy.set(machine, work)
    work.done = reconcileMachine({ ...ports, turns, timers, ending: ending.signal }, machine, claimed)
      .catch(error => {
        ports.log('error', 'reconcile.failed', { machine, error: textOf(error) })
        return ports.now() + 5_000
      })
      .then(next => {
        busy.delete(machine)
        if (work.again) void wake(machine)
        else if (next !== null) alarm(machine, next)
      })
    return work.done
  }

  /** A timer, not a job for later: such a job would swallow the wake-ups until then, since one of each key waits. */
  function alarm(machine: string, at: number): void {
    if (stopped) return
    const ms = Math.min(Math.max(at - ports.now(), 0), scanMs)
    alarms.set(
      machine,
      timers.after(ms, () => void wake(machine)),
    )
  }

  async function lookAtAll(): Promise<void> {
    const { due, orphans } = await scan(ports)
    for (const machine of due) void wake(machine)
    if (!stopped) await sweep(orphans)
  }

  let scanning = Promise.resolve()
  const look = () => {
    scanning = scanning
      .then(() => (stopped ? undefined : lookAtAll()))
      .catch(error => ports.log('error', 'scan.failed', { error: textOf(error) }))
  }
  look()
  const noMoreLooks = timers.every(scanMs, look)

  return {
    wake,
    async stop() {
      stopped = true
      ending.abort()
      noMoreLooks()
      for (const callOff of alarms.values()) callOff()
      await scanning
      await Promise.all([...busy.values()].map(({ done }) => done))
    },
  }
}
