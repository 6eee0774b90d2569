// `spoq run logs`: what a run printed, and with `follow` what it prints until it ends.

import type { Writable } from 'node:stream'
import { call } from '@spoq/client/call'
import { follow } from '@spoq/client/stream'
import type { Target } from '@spoq/client/target'
import { type RunEvent, runEvents, showRun } from '@spoq/contracts/run'
import { isReaderGone } from '../render/writer.ts'
import { runBytes, runLines } from './run-view.ts'

interface Wanted {
  run: string
  /** Goes on until the run ends. */
  follow: boolean
  /** Only this stream; undefined: both. */
  only: 'stdout' | 'stderr' | undefined
  json: boolean
}

/** Shows it on the given streams; a reader that goes away ends it quietly. @throws SpoqError `run_not_found`. */
export async function showLogs(
  target: Target,
  wanted: Wanted,
  { stdout, stderr }: { stdout: Writable; stderr: Writable },
): Promise<void> {
  const params = { run: wanted.run }
  const { lastEvent } = await call(target, showRun, { params })
  const view = wanted.json ? runLines(stdout) : runBytes(stdout, stderr)
  const isLast = (event: RunEvent) => event.type === 'run.ended' || (!wanted.follow && event.id >= lastEvent)
  try {
    for await (const event of follow(target, runEvents, { params, isLast, signal: view.failed })) {
      if (event.type !== 'run.output' || !wanted.only || event.stream === wanted.only) view.show(event)
      await view.ready()
    }
    await view.end()
  } catch (error) {
    if (!isReaderGone(view.failed.aborted ? view.failed.reason : error)) throw error
  }
}
