// What of the runs is given up: the oldest output of one that printed much, and in time whole runs that have ended.

import type { RunLimits } from './limits.ts'
import type { RunStore } from './store.ts'

/** Whoever waited for a run has all its output by then, or has given up. */
const patienceMs = 10 * 60_000
const dayMs = 86_400_000

/** Drops the oldest output of a run that nobody waits for, in steps, so that it costs little. @throws SpoqError `disk_full`. */
export function capOutput(store: RunStore, run: string, { mostBytes }: RunLimits): void {
  if ((store.get(run)?.bytes ?? 0) > mostBytes * 1.25) store.drop(run, mostBytes)
}

/** Removes ended runs that are too old or too large together, the oldest first, and caps the others. @throws as above. */
export function pruneRuns(store: RunStore, limits: RunLimits, now: number): void {
  let kept = 0
  for (const { id, endedAt } of store.ended()) {
    const age = now - Date.parse(endedAt)
    if (age > patienceMs) store.drop(id, limits.mostBytes)
    kept += store.get(id)?.bytes ?? 0
    if (age > limits.keptDays * dayMs || (kept > limits.keptBytes && age > patienceMs)) store.remove(id)
  }
}
