// The runs' part of the log, and a row for each run, written in the log's own transactions.

import type { Run, RunBody } from '@spoq/contracts/run'
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
  /** Drops the oldest output until so many bytes are left; one event then says how much is missing. */
  drop(run: string, mostBytes: number): void
  remove(run: string): void
  /** Runs without an end: they run, or were lost with an earlier Conductor. */
  open(): string[]
  /** The runs that have ended, the one that ended last first. */
  ended(): { id: string; endedAt: string }[]
  exists(run: string): boolean
  get(run: string): Run | undefined
  list(limit: number, prefix: string): Run[]
  /** The newest event; undefined when there is no such run. */
  last(run: string): StoredRun | undefined
  follow(run: string, after: number, signal: AbortSignal): AsyncGenerator<StoredRun>
}

const columns = `id, command, directory, started_at AS startedAt, ended_at AS endedAt, status, signal, lost, bytes, dropped,
  (SELECT max(event.id) FROM event WHERE stream = run.id) AS lastEvent`

export function runStore({ sql, transaction }: Database, log: EventLog): RunStore {
  const insert = sql.prepare('INSERT INTO run (id, command, directory, started_at) VALUES (?, ?, ?, ?)')
  const count = sql.prepare('UPDATE run SET bytes = bytes + ? WHERE id = ?')
  const finish = sql.prepare('UPDATE run SET ended_at = ?, status = ?, signal = ?, lost = ? WHERE id = ?')
  const countDropped = sql.prepare('UPDATE run SET bytes = bytes - ?1, dropped = dropped + ?1 WHERE id = ?2')
  const selectOpen = sql.prepare('SELECT id FROM run WHERE ended_at IS NULL')
  const selectEnded = sql.prepare(
    'SELECT id, ended_at AS endedAt FROM run WHERE ended_at IS NOT NULL ORDER BY ended_at DESC, rowid DESC',
  )
  const selectOne = sql.prepare(`SELECT ${columns} FROM run WHERE id = ?`)
  const select = sql.prepare(`SELECT ${columns} FROM run WHERE substr(id, 1, length(?1)) = ?1
     ORDER BY started_at DESC, rowid DESC LIMIT ?2`)
  const erase = sql.prepare('DELETE FROM run WHERE id = ?')
  const eraseOutput = sql.prepare('DELETE FROM event WHERE stream = ? AND id > 1 AND id < ?')
  const replace = sql.prepare('UPDATE event SET body = ? WHERE stream = ? AND id = ?')

  function write(run: string, bodies: readonly RunBody[]): string {
    const bytes = bodies.reduce((sum, body) => sum + bytesOf(body), 0)
    if (bytes > 0) count.run(bytes, run)
    return log.append(run, null, bodies).at(-1)?.at ?? ''
  }

  function start(run: string, body: Started): void {
    transaction(() => {
      const at = write(run, [body])
      insert.run(run, JSON.stringify(body.command), body.directory, at)
    })
  }

  function end(run: string, bodies: readonly [...RunOutput[], Ended]): void {
    transaction(() => {
      const at = write(run, bodies)
      const { status, signal, lost = false } = bodies.at(-1) as Ended
      finish.run(at, status, signal, lost ? 1 : 0, run)
    })
  }

  function drop(run: string, mostBytes: number): void {
    transaction(() => {
      const { bytes, dropped } = get(run) ?? { bytes: 0, dropped: 0 }
      let freed = 0
      let last: StoredRun | undefined
      for (let from = 1; bytes - freed > mostBytes; from = last.id) {
        const [event] = log.read(run, from, 1) as StoredRun[]
        if (event === undefined || event.body.type === 'run.ended') break
        freed += bytesOf(event.body)
        last = event
      }
      if (!last || freed === 0) return
      eraseOutput.run(run, last.id)
      replace.run(JSON.stringify({ type: 'run.dropped', bytes: dropped + freed } satisfies RunBody), run, last.id)
      countDropped.run(freed, run)
    })
  }

  function remove(run: string): void {
    transaction(() => {
      erase.run(run)
      log.remove(run)
    })
  }

  function get(run: string): Run | undefined {
    const row = selectOne.get(run)
    return row && runOf(row as unknown as Row)
  }

  return {
    start,
    output: (run, bodies) => transaction(() => void write(run, bodies)),
    end,
    drop,
    remove,
    open: () => selectOpen.all().map(row => String(row.id)),
    ended: () => selectEnded.all() as unknown as { id: string; endedAt: string }[],
    exists: run => log.lastId(run) > 0,
    get,
    list: (limit, prefix) => (select.all(prefix, limit) as unknown as Row[]).map(runOf),
    last: run => log.read(run, log.lastId(run) - 1)[0] as StoredRun | undefined,
    follow: (run, after, signal) => log.follow(run, after, signal) as AsyncGenerator<StoredRun>,
  }
}

type Row = Omit<Run, 'command' | 'state'> & { command: string; lost: number }

function runOf({ command, lost, ...row }: Row): Run {
  const state = row.endedAt === null ? 'running' : lost ? 'lost' : 'ended'
  return { ...row, command: JSON.parse(command) as string[], state }
}

const bytesOf = (body: RunBody) => (body.type === 'run.output' ? Buffer.byteLength(body.data, 'base64') : 0)
