import { setTimeout as sleep } from 'node:timers/promises'
import { killGroup } from '@spoq/kit/sandbox'
import type { LiveRuns } from './live.ts'

/** Ends all runs when the Conductor ends: asks them, and after `graceMs` makes them. Settles once that stands in the
 * log, or after twice that time. */
export async function endRuns(runs: LiveRuns, graceMs = 2000): Promise<void> {
  const all = [...runs.values()]
  if (all.length === 0) return
  const ended = Promise.all(all.map(run => run.ended))
  for (const { child } of all) killGroup(child, 'SIGTERM')
  await Promise.race([ended, sleep(graceMs, undefined, { ref: false })])
  for (const { child } of runs.values()) killGroup(child, 'SIGKILL')
  // What left its group and still holds the output is ended as lost, at the next start.
  await Promise.race([ended, sleep(graceMs, undefined, { ref: false })])
}
