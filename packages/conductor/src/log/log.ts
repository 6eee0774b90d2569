// The append-only event log: one mechanism for every stream of a machine, a session's or a run's. What it has told
// anybody is on the disk first.

import { SpoqError } from '@spoq/contracts/problem'
import type { Database } from './database.ts'

/** An event as it stands in the log. `id` counts from 1 in each stream, without a gap. */
export interface Stored<Body extends object = object> {
  id: number
  /** ISO 8601 in UTC. */
  at: string
  /** The turn that wrote it; null in streams without turns. */
  turn: string | null
  body: Body
}

export interface EventLog {
  /**
   * Appends events to a stream in one transaction and wakes its followers once that is committed.
   * @throws SpoqError `disk_full`; the log then stands as before.
   */
  append(stream: string, turn: string | null, bodies: readonly object[]): Stored[]
  /** The events after an id, oldest first; at most `limit`, default all. */
  read(stream: string, after: number, limit?: number): Stored[]
  /** The id of the newest event; 0 when there is none. */
  lastId(stream: string): number
  /**
   * Gives the events after an id and then those to come, each once and in order, until the signal or the log ends. A
   * slow reader holds no memory: it is told that there is more and reads it from the log.
   * @throws the signal's reason when that is a SpoqError: somebody ended it to say so.
   */
  follow(stream: string, after: number, signal: AbortSignal): AsyncGenerator<Stored>
  /** Removes a stream. Who follows it comes to the end. */
  remove(stream: string): void
  /** Ends everybody who follows. */
  close(): void
}

interface Row {
  id: number
  at: string
  turn: string | null
  body: string
}

/** Rows read at once for a follower. */
const page = 256

/** Opens the log in a database that has its tables. */
export function openLog(database: Database, now: () => number): EventLog {
  const insert = database.sql.prepare('INSERT INTO event (stream, id, turn, at, body) VALUES (?, ?, ?, ?, ?)')
  const select = database.sql.prepare(
    'SELECT id, at, turn, body FROM event WHERE stream = ? AND id > ? ORDER BY id LIMIT ?',
  )
  const erase = database.sql.prepare('DELETE FROM event WHERE stream = ?')
  const last = database.sql.prepare('SELECT max(id) AS id FROM event WHERE stream = ?')
  const waiting = new Map<string, Set<() => void>>()
  const closed = new AbortController()

  function append(stream: string, turn: string | null, bodies: readonly object[]): Stored[] {
    return database.transaction(() => {
      const at = new Date(now()).toISOString()
      const after = lastId(stream)
      const stored = bodies.map((body, index) => ({ id: after + index + 1, at, turn, body }))
      for (const event of stored) insert.run(stream, event.id, turn, at, JSON.stringify(event.body))
      database.afterCommit(() => wake(stream))
      return stored
    })
  }

  function read(stream: string, after: number, limit = -1): Stored[] {
    const rows = select.all(stream, after, limit) as unknown as Row[]
    return rows.map(({ id, at, turn, body }) => ({ id, at, turn, body: JSON.parse(body) as object }))
  }

  function lastId(stream: string): number {
    return (last.get(stream) as { id: number | null }).id ?? 0
  }

  async function* follow(stream: string, after: number, signal: AbortSignal): AsyncGenerator<Stored> {
    const ended = AbortSignal.any([signal, closed.signal])
    let wasThere = lastId(stream) > 0
    for (let from = after; !ended.aborted; ) {
      const events = read(stream, from, page)
      // Nothing can be appended between that look and this wait: both are in the same tick.
      if (events.length === 0) {
        if (wasThere && lastId(stream) === 0) return
        await more(stream, ended)
      }
      wasThere ||= events.length > 0
      for (const event of events) {
        if (ended.aborted) break
        yield event
        from = event.id
      }
    }
    if (signal.reason instanceof SpoqError) throw signal.reason
  }

  function more(stream: string, ended: AbortSignal): Promise<void> {
    const wakers = waiting.get(stream) ?? new Set()
    waiting.set(stream, wakers)
    return new Promise(resolve => {
      const done = () => {
        wakers.delete(done)
        if (wakers.size === 0 && waiting.get(stream) === wakers) waiting.delete(stream)
        ended.removeEventListener('abort', done)
        resolve()
      }
      wakers.add(done)
      ended.addEventListener('abort', done)
    })
  }

  function remove(stream: string): void {
    database.transaction(() => {
      erase.run(stream)
      database.afterCommit(() => wake(stream))
    })
  }

  function wake(stream: string): void {
    for (const done of [...(waiting.get(stream) ?? [])]) done()
  }

  return { append, read, lastId, follow, remove, close: () => closed.abort() }
}
