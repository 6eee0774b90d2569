// The reconciler as it runs: woken for one machine by a job, for one that is due by a timer, for all by the scan.

import { textOf } from '../log.ts'
import { orphanSweep } from './orphans.ts'
import type { ReconcilePorts } from './ports.ts'
import { reconcileMachine } from './reconcile.ts'
import { scan } from './scan.ts'

export interface Reconciler {
  /** Has it look at a machine soon; a machine it is busy with is looked at once more. */
  wake(machine: string): void
  /** Ends when the machines that are being worked on are at rest. */
  stop(): Promise<void>
}

interface Work {
  done: Promise<void>
  again: boolean
}

/** Starts it with a scan, and scans again after each `scanMs`. */
export function openReconciler(ports: ReconcilePorts, scanMs = 30_000): Reconciler {
  const busy = new Map<string, Work>()
  const alarms = new Map<string, NodeJS.Timeout>()
  const sweep = orphanSweep(ports)
  let stopped = false

  function wake(machine: string): void {
    if (stopped) return
    clearTimeout(alarms.get(machine))
    alarms.delete(machine)
    const work = busy.get(machine)
    if (work) work.again = true
    else begin(machine)
  }

  function begin(machine: string): void {
    const work: Work = { again: false, done: Promise.resolve() }
    busy.set(machine, work)
    work.done = reconcileMachine(ports, machine)
      .catch(error => {
        ports.log('error', 'reconcile.failed', { machine, error: textOf(error) })
        return ports.now() + 5_000
      })
      .then(next => {
        busy.delete(machine)
        if (work.again) wake(machine)
        else if (next !== null) alarm(machine, next)
      })
  }

  /** A timer, not a job for later: such a job would swallow the wake-ups until then, since one of each key waits. */
  function alarm(machine: string, at: number): void {
    if (stopped) return
    alarms.set(
      machine,
      setTimeout(() => wake(machine), Math.min(Math.max(at - ports.now(), 0), scanMs)),
    )
  }

  async function lookAtAll(): Promise<void> {
    const { due, orphans } = await scan(ports)
    for (const machine of due) wake(machine)
    if (!stopped) await sweep(orphans)
  }

  let scanning = Promise.resolve()
  const look = () => {
    scanning = scanning
      .then(() => (stopped ? undefined : lookAtAll()))
      .catch(error => ports.log('error', 'scan.failed', { error: textOf(error) }))
  }
  look()
  const timer = setInterval(look, scanMs)

  return {
    wake,
    async stop() {
      stopped = true
      clearInterval(timer)
      for (const timeout of alarms.values()) clearTimeout(timeout)
      await scanning
      await Promise.all([...busy.values()].map(({ done }) => done))
    },
  }
}
