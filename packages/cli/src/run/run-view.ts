// What a run writes, shown: its own bytes, or its events as JSON lines.

import type { Writable } from 'node:stream'
import type { RunEvent } from '@spoq/contracts/run'
import { jsonLine } from '../render/turn-lines.ts'
import { batched } from '../render/writer.ts'

export interface RunView {
  show(event: RunEvent): void
  ready(): Promise<void> | undefined
  end(): Promise<void>
  /** Aborted, with the reason, once one of the streams takes nothing any more. */
  failed: AbortSignal
}

/** Every byte as the command wrote it: it is the owner's own command, and the program here asked for its bytes. */
export function runBytes(stdout: Writable, stderr: Writable): RunView {
  const writers = { stdout: batched(stdout), stderr: batched(stderr) }
  const both = (done: 'ready' | 'flush') => Promise.all([writers.stdout[done](), writers.stderr[done]()]).then(() => {})
  let latest: 'stdout' | 'stderr' = 'stdout'

  function show(event: RunEvent): void {
    if (event.type === 'run.dropped') writers.stderr.write(droppedNote(event.bytes))
    if (event.type !== 'run.output') return
    // Where both end on one screen, they stand there in the order they were written in.
    if (event.stream !== latest) void writers[latest].flush()
    latest = event.stream
    writers[latest].write(Buffer.from(event.data, 'base64'))
  }

  const failed = AbortSignal.any([writers.stdout.failed, writers.stderr.failed])
  return { show, ready: () => both('ready'), end: () => both('flush'), failed }
}

const droppedNote = (bytes: number) => `[the oldest ${bytes.toLocaleString('en-US')} bytes of output were dropped]\n`

/** For `--json`. */
export function runLines(stdout: Writable): RunView {
  const writer = batched(stdout)
  return { show: event => writer.write(jsonLine(event)), ready: writer.ready, end: writer.flush, failed: writer.failed }
}
