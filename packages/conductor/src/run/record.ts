// Writes down what a run prints, as it comes, and how it ended.

import { SpoqError } from '@spoq/contracts/problem'
import { killGroup } from '@spoq/kit/sandbox'
import type { LiveRun } from './live.ts'
import type { RunOutput, RunStore } from './store.ts'

/** Most of one stream in one event, in bytes. */
const mostBytes = 64 << 10
/** What comes within so many milliseconds is committed together. */
const togetherMs = 20

/** What came from one stream in a row. */
interface Piece {
  stream: RunOutput['stream']
  chunks: Buffer[]
  bytes: number
}

/**
 * Appends the output of a run to its log until it has ended. While a piece is being committed no other is read, so a
 * command that prints faster than the disk takes it waits. When the log takes no more, the command is killed and
 * `failed` says why.
 * @param written is called after each piece that was committed.
 */
export function recordRun(
  run: string,
  { child, failed }: Omit<LiveRun, 'ended'>,
  store: RunStore,
  written: () => void = () => {},
): Promise<void> {
  const pieces: Piece[] = []
  let bytes = 0
  let timer: NodeJS.Timeout | undefined

  function add(stream: Piece['stream'], data: Buffer): void {
    const last = pieces.at(-1)
    if (last?.stream === stream && last.bytes + data.length <= mostBytes) {
      last.chunks.push(data)
      last.bytes += data.length
    } else pieces.push({ stream, chunks: [data], bytes: data.length })
    bytes += data.length
    if (bytes >= mostBytes) flush()
    else timer ??= setTimeout(flush, togetherMs)
  }

  function flush(): void {
    write(() => {
      store.output(run, taken())
      written()
    })
  }

  function taken(): RunOutput[] {
    clearTimeout(timer)
    timer = undefined
    bytes = 0
    return pieces.splice(0).map(asOutput)
  }

  function write(work: () => void): void {
    if (failed.signal.aborted) return
    try {
      work()
    } catch (error) {
      failed.abort(error instanceof SpoqError ? error : new SpoqError('internal', { cause: error }))
      if (child.exitCode === null && child.signalCode === null) killGroup(child, 'SIGKILL')
    }
  }

  child.stdout?.on('data', (data: Buffer) => add('stdout', data))
  child.stderr?.on('data', (data: Buffer) => add('stderr', data))
  return new Promise(resolve => {
    // Not `exit`: what was printed last is still on its way then, and a program in the background may print more.
    child.once('close', (status, signal) => {
      write(() => store.end(run, [...taken(), { type: 'run.ended', status, signal }]))
      clearTimeout(timer)
      resolve()
    })
  })
}

const asOutput = ({ stream, chunks }: Piece): RunOutput => ({
  type: 'run.output',
  stream,
  data: Buffer.concat(chunks).toString('base64'),
})
