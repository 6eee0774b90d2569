import { SpoqError } from '@spoq/contracts/problem'
import {
  listRuns as listRunsRoute,
  runEvents,
  sendInput,
  showRun as showRunRoute,
  signalRun,
  startRun as startRunRoute,
} from '@spoq/contracts/run'
import { killGroup } from '@spoq/kit/sandbox'
import { lastEventId } from '../http/last-event-id.ts'
import type { Serve } from '../http/serve.ts'
import { runEventsAfter } from './events.ts'
import { giveInput } from './input.ts'
import type { RunLimits } from './limits.ts'
import { listRuns, showRun } from './list.ts'
import { type LiveRuns, liveRun } from './live.ts'
import { startRun } from './start.ts'
import type { RunStore } from './store.ts'

export interface Options {
  /** Where commands run: its real path. */
  workspace: string
  store: RunStore
  runs: LiveRuns
  limits: RunLimits
  now: () => number
}

/**
 * Binds the runs' routes. A run without a reader goes on: it ends by itself, by a signal, or with the Conductor.
 */
export function registerRuns(serve: Serve, options: Options): void {
  const { store, runs } = options
  serve(startRunRoute, async ({ body }) => ({ run: await startRun(options, body) }))

  serve(listRunsRoute, ({ query }) => ({ runs: listRuns(store, query.limit, query.prefix) }))

  serve(showRunRoute, ({ params }) => showRun(store, params.run))

  serve(runEvents, ({ params, query, header, signal }) =>
    runEventsAfter(store, runs, params.run, lastEventId(header, query.after), signal),
  )

  serve(sendInput, ({ params, body: { at, data, end } }) =>
    giveInput(liveRun(runs, store, params.run), { at, data: Buffer.from(data, 'base64'), end }),
  )

  serve(signalRun, ({ params, body }) => {
    if (!killGroup(liveRun(runs, store, params.run).child, body.signal)) throw new SpoqError('run_ended')
  })
}
