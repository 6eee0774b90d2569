// The runs' part of the log, and the index of those that have not ended, written in the log's own transactions.

import type { RunBody } from '@spoq/contracts/run'
import type { Database, EventLog, Stored } from '../log/index.ts'

type Started = Extract<RunBody, { type: 'run.started' }>
type Ended = Extract<RunBody, { type: 'run.ended' }>
export type RunOutput = Extract<RunBody, { type: 'run.output' }>
export type StoredRun = Stored<RunBody>

export interface RunStore {
  /** @throws SpoqError `disk_full`, as all that write. */
  start(run: string, body: Started): void
  output(run: string, bodies: readonly RunOutput[]): void
  end(run: string, bodies: readonly [...RunOutput[], Ended]): void
  /** Runs without an end: they run, or were lost with an earlier Conductor. */
  open(): string[]
  exists(run: string): boolean
  /** The newest event; undefined when there is no such run. */
  last(run: string): StoredRun | undefined
  follow(run: string, after: number, signal: AbortSignal): AsyncGenerator<StoredRun>
}

export function runStore({ sql, transaction }: Database, log: EventLog): RunStore {
  const insert = sql.prepare('INSERT INTO open_run (run) VALUES (?)')
  const remove = sql.prepare('DELETE FROM open_run WHERE run = ?')
  const select = sql.prepare('SELECT run FROM open_run')

  return {
    start: (run, body) =>
      transaction(() => {
        log.append(run, null, [body])
        insert.run(run)
      }),
    output: (run, bodies) => void log.append(run, null, bodies),
    end: (run, bodies) =>
      transaction(() => {
        log.append(run, null, bodies)
        remove.run(run)
      }),
    open: () => select.all().map(row => String(row.run)),
    exists: run => log.lastId(run) > 0,
    last: run => log.read(run, log.lastId(run) - 1)[0] as StoredRun | undefined,
    follow: (run, after, signal) => log.follow(run, after, signal) as AsyncGenerator<StoredRun>,
  }
}
