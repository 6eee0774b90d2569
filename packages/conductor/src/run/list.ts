import type { Run } from '@spoq/contracts/run'
import { runNotFound } from './live.ts'
import type { RunStore } from './store.ts'

/** Lists the runs, the one started last first; those whose id begins with the prefix. */
export const listRuns = (store: RunStore, limit: number, prefix = ''): Run[] => store.list(limit, prefix)

/** Shows one run. @throws SpoqError `run_not_found`. */
export function showRun(store: RunStore, run: string): Run {
  const found = store.get(run)
  if (found) return found
  throw runNotFound(run)
}
