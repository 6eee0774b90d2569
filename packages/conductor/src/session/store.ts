// The sessions' tables. The log is the truth; what stands beside it are an entry for each session and an index of the
// turns that have not ended, both written in the log's own transactions.

import { SpoqError } from '@spoq/contracts/problem'
import type { Mode } from '@spoq/contracts/session'
import type { Database, EventLog } from '../log/index.ts'
import { endTypes, type QueuedBody, type TurnBody, type TurnEvent } from '../turn/event.ts'

export interface SessionRow {
  id: string
  title: string
  mode: Mode
  createdAt: string
  updatedAt: string
}

export interface SessionStore {
  /** Writes a question down, and its session when it is new; answers the id of the event. */
  queue(session: string, turn: string, body: QueuedBody): number
  /** Appends to a turn. @throws SpoqError `disk_full`. */
  append(session: string, turn: string, bodies: readonly TurnBody[]): void
  /** The session's events after an id. */
  events(session: string, after?: number): TurnEvent[]
  lastEvent(session: string): number
  /** The turns that have not ended, in the order they were asked, each with the id of its first event. */
  openTurns(session: string): { turn: string; first: number }[]
  /** The sessions that have such turns. */
  openSessions(): string[]
  /** How many turns have not ended, in all sessions. */
  countOpen(): number
  /** @throws SpoqError `session_not_found`. */
  get(session: string): SessionRow
  /** The sessions used last, the newest first. */
  list(limit: number): SessionRow[]
}

const columns = 'id, title, mode, created_at AS createdAt, updated_at AS updatedAt'

export function sessionStore({ sql, transaction }: Database, log: EventLog): SessionStore {
  const insert = sql.prepare(
    'INSERT INTO session (id, title, mode, created_at, updated_at) VALUES (?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING',
  )
  const touch = sql.prepare('UPDATE session SET updated_at = ? WHERE id = ?')
  const setMode = sql.prepare('UPDATE session SET mode = ? WHERE id = ?')
  const open = sql.prepare('INSERT INTO open_turn (turn, session, first) VALUES (?, ?, ?)')
  const end = sql.prepare('DELETE FROM open_turn WHERE turn = ?')
  const selectOne = sql.prepare(`SELECT ${columns} FROM session WHERE id = ?`)
  const selectUsed = sql.prepare(`SELECT ${columns} FROM session ORDER BY updated_at DESC, rowid DESC LIMIT ?`)
  const selectOpen = sql.prepare('SELECT turn, first FROM open_turn WHERE session = ? ORDER BY first')
  const selectOpenSessions = sql.prepare('SELECT DISTINCT session FROM open_turn')

  const selectCount = sql.prepare('SELECT count(*) AS count FROM open_turn')

  function queue(session: string, turn: string, body: QueuedBody): number {
    return transaction(() => {
      const [event] = log.append(session, turn, [body])
      if (!event) throw new Error('an append of one event gives one')
      insert.run(session, titleOf(body.question), body.mode, event.at, event.at)
      setMode.run(body.mode, session)
      touch.run(event.at, session)
      open.run(turn, session, event.id)
      return event.id
    })
  }

  function append(session: string, turn: string, bodies: readonly TurnBody[]): void {
    transaction(() => {
      const at = log.append(session, turn, bodies).at(-1)?.at
      if (!bodies.some(body => endTypes.has(body.type))) return
      end.run(turn)
      touch.run(at ?? null, session)
    })
  }

  function get(session: string): SessionRow {
    const row = selectOne.get(session)
    if (!row) throw new SpoqError('session_not_found', { message: `There is no session ${session} on this machine.` })
    return row as unknown as SessionRow
  }

  return {
    queue,
    append,
    events: (session, after = 0) => log.read(session, after) as TurnEvent[],
    lastEvent: session => log.lastId(session),
    openTurns: session => selectOpen.all(session) as unknown as { turn: string; first: number }[],
    openSessions: () => selectOpenSessions.all().map(row => String(row.session)),
    countOpen: () => Number(selectCount.get()?.count),
    get,
    list: limit => selectUsed.all(limit) as unknown as SessionRow[],
  }
}

const longestTitle = 80

function titleOf(question: string): string {
  const [line = ''] = question.trim().split('\n')
  return line.length > longestTitle ? `${line.slice(0, longestTitle - 1)}…` : line
}
