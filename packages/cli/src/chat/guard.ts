// The ends of a process that nobody chose: a signal, a closed terminal, a fault.

import { constants } from 'node:os'

const ending = ['SIGTERM', 'SIGHUP', 'SIGQUIT'] as const

/** Calls `restore` before this process ends, however it ends. The answered function takes that back. */
export function guardProcess(restore: () => void, running: NodeJS.Process = process): () => void {
  const onSignal = (signal: NodeJS.Signals) => {
    restore()
    running.exit(128 + (constants.signals[signal] ?? 0))
  }
  for (const signal of ending) running.on(signal, onSignal)
  // Before the fault is printed, so that it is printed where it can be read.
  running.on('uncaughtExceptionMonitor', restore)
  running.on('exit', restore)
  return () => {
    for (const signal of ending) running.off(signal, onSignal)
    running.off('uncaughtExceptionMonitor', restore)
    running.off('exit', restore)
  }
}
