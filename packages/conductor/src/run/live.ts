// The runs of this process. What a client may know of them stands in the log; here is what only the process has.

import type { ChildProcess } from 'node:child_process'
import { SpoqError } from '@spoq/contracts/problem'
import type { RunStore } from './store.ts'

export interface LiveRun {
  child: ChildProcess
  /** Bytes of input taken so far, and whether that was all. */
  input: { taken: number; ended: boolean }
  /** Why its output can no longer be kept. Ends those who follow it. */
  failed: AbortController
  /** Settles once its end stands in the log, or could not be written there. */
  ended: Promise<void>
}

export type LiveRuns = Map<string, LiveRun>

/** @throws SpoqError `run_ended`, `run_not_found`. */
export function liveRun(runs: LiveRuns, store: RunStore, run: string): LiveRun {
  const live = runs.get(run)
  if (live) return live
  throw store.exists(run) ? new SpoqError('run_ended') : runNotFound(run)
}

export const runNotFound = (run: string) =>
  new SpoqError('run_not_found', { message: `There is no run ${run} on this machine.` })
