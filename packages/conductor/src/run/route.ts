import { SpoqError } from '@spoq/contracts/problem'
import { runEvents, sendInput, signalRun, startRun as startRunRoute } from '@spoq/contracts/run'
import { killGroup } from '@spoq/kit/sandbox'
import { lastEventId } from '../http/last-event-id.ts'
import type { Serve } from '../http/serve.ts'
import { runEventsAfter } from './events.ts'
import { giveInput } from './input.ts'
import { type LiveRuns, liveRun } from './live.ts'
import { startRun } from './start.ts'
import type { RunStore } from './store.ts'

interface Options {
  /** Where commands run: its real path. */
  workspace: string
  store: RunStore
  runs: LiveRuns
}

/**
 * Binds the runs' routes. A run without a reader goes on: it ends by itself, by a signal, or with the Conductor.
 */
export function registerRuns(serve: Serve, { workspace, store, runs }: Options): void {
  serve(startRunRoute, async ({ body }) => ({ run: await startRun(workspace, store, runs, body) }))

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
