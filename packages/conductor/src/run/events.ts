import type { RunEvent } from '@spoq/contracts/run'
import { type LiveRuns, runNotFound } from './live.ts'
import type { RunStore } from './store.ts'

/**
 * The events of a run after an id, those to come included, up to its end. Who stops reading changes nothing for the run.
 * @throws SpoqError `run_not_found`; `disk_full`, there or while reading, when the rest could not be kept.
 */
export function runEventsAfter(
  store: RunStore,
  runs: LiveRuns,
  run: string,
  after: number,
  signal: AbortSignal,
): AsyncIterable<RunEvent> {
  const last = store.last(run)
  if (!last) throw runNotFound(run)
  const failed = runs.get(run)?.failed.signal
  if (failed?.aborted && after >= last.id) throw failed.reason
  if (last.body.type === 'run.ended' && after >= last.id) return nothing()
  return toTheEnd(store, run, after, failed ? AbortSignal.any([signal, failed]) : signal)
}

async function* toTheEnd(store: RunStore, run: string, after: number, signal: AbortSignal): AsyncGenerator<RunEvent> {
  for await (const { id, at, body } of store.follow(run, after, signal)) {
    yield { id, run, at, ...body }
    if (body.type === 'run.ended') return
  }
}

async function* nothing(): AsyncGenerator<RunEvent> {}
