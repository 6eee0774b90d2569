// The sessions' tables. The log is the truth; what stands beside it are an entry for each session and an index of the
// turns that have not ended, both written in the log's own transactions.

import { SpoqError } from '@spoq/contracts/problem'
import type { Accepted, Mode, SessionMatch } from '@spoq/contracts/session'
import type { Database, EventLog } from '../log/index.ts'
import type { Messages } from '../message/index.ts'
import { endTypes, type QueuedBody, type TurnBody, type TurnEvent } from '../turn/event.ts'
import { searchIndex } from './search-index.ts'

export interface SessionRow {
  id: string
  title: string
  mode: Mode
  createdAt: string
  updatedAt: string
}

export interface SessionStore {
  /**
   * Writes a question down, counts it, and its session when it is new. One whose key was there before is not written again.
   * @throws SpoqError `session_not_found` when the session was deleted meanwhile; `idempotency_mismatch`, `messages_used_up`,
   * `disk_full`.
   */
  queue(queued: Queued): Accepted
  /** What a question with this key was accepted as. @throws SpoqError `idempotency_mismatch`. */
  asked(key: AskKey): Accepted | undefined
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
  /** The sessions used last, the newest first; those whose id begins with the prefix. */
  list(limit: number, prefix?: string): SessionRow[]
  /** For what it answers see `searchIndex`. */
  search(words: string, limit: number): SessionMatch[]
  /** Deletes all that is kept of a session. */
  delete(session: string): void
}

export interface Queued {
  session: string
  isNew: boolean
  turn: string
  body: QueuedBody
  /** Whether it is asked on Spoq credit. */
  onCredit: boolean
  /** Undefined: each such question is another one. */
  key: AskKey | undefined
}

/** Who asks and under which key, and a hash of what is asked. */
export interface AskKey {
  key: string
  hash: string
}

/** A repeated question comes within seconds; after this long its key is forgotten. */
const keptKeyMs = 86_400_000

const columns = 'id, title, mode, created_at AS createdAt, updated_at AS updatedAt'

export function sessionStore(database: Database, log: EventLog, messages: Pick<Messages, 'take'>): SessionStore {
  const { sql, transaction } = database
  const index = searchIndex(database)
  index.catchUp()
  const insert = sql.prepare('INSERT INTO session (id, title, mode, created_at, updated_at) VALUES (?, ?, ?, ?, ?)')
  const touch = sql.prepare('UPDATE session SET updated_at = ? WHERE id = ?')
  const setMode = sql.prepare('UPDATE session SET mode = ? WHERE id = ?')
  const open = sql.prepare('INSERT INTO open_turn (turn, session, first) VALUES (?, ?, ?)')
  const end = sql.prepare('DELETE FROM open_turn WHERE turn = ?')
  const selectOne = sql.prepare(`SELECT ${columns} FROM session WHERE id = ?`)
  const selectUsed = sql.prepare(`SELECT ${columns} FROM session WHERE substr(id, 1, length(?1)) = ?1
     ORDER BY updated_at DESC, rowid DESC LIMIT ?2`)
  const selectOpen = sql.prepare('SELECT turn, first FROM open_turn WHERE session = ? ORDER BY first')
  const selectOpenSessions = sql.prepare('SELECT DISTINCT session FROM open_turn')

  const selectCount = sql.prepare('SELECT count(*) AS count FROM open_turn')

  const selectKey = sql.prepare('SELECT hash, session, turn, first FROM ask_key WHERE key = ?')
  const insertKey = sql.prepare('INSERT INTO ask_key (key, hash, session, turn, first, at) VALUES (?, ?, ?, ?, ?, ?)')
  const forgetKeys = sql.prepare('DELETE FROM ask_key WHERE at < ?')
  const removals = ['DELETE FROM open_turn WHERE session = ?', 'DELETE FROM ask_key WHERE session = ?'].map(text =>
    sql.prepare(text),
  )
  const removeOne = sql.prepare('DELETE FROM session WHERE id = ?')

  function queue({ session, isNew, turn, body, onCredit, key }: Queued): Accepted {
    return transaction(() => {
      const before = key && asked(key)
      if (before) return before
      if (!isNew) get(session)
      const few = messages.take(onCredit)
      const [event] = log.append(session, turn, [body])
      if (!event) throw new Error('an append of one event gives one')
      if (isNew) insert.run(session, titleOf(body.question), body.mode, event.at, event.at)
      setMode.run(body.mode, session)
      touch.run(event.at, session)
      open.run(turn, session, event.id)
      index.question(session, turn, event.id, event.at, body.question)
      if (key) insertKey.run(key.key, key.hash, session, turn, event.id, event.at)
      forgetKeys.run(new Date(Date.parse(event.at) - keptKeyMs).toISOString())
      return { session, turn, after: event.id - 1, ...(few ? { messages: few } : {}) }
    })
  }

  function asked({ key, hash }: AskKey): Accepted | undefined {
    const row = selectKey.get(key) as { hash: string; session: string; turn: string; first: number } | undefined
    if (!row) return undefined
    if (row.hash !== hash) throw new SpoqError('idempotency_mismatch')
    return { session: row.session, turn: row.turn, after: row.first - 1 }
  }

  function append(session: string, turn: string, bodies: readonly TurnBody[]): void {
    if (!bodies.some(body => endTypes.has(body.type))) return void log.append(session, turn, bodies)
    const write = () => {
      const at = log.append(session, turn, bodies).at(-1)?.at
      end.run(turn)
      touch.run(at ?? null, session)
    }
    try {
      transaction(() => {
        write()
        index.catchUp()
      })
    } catch (error) {
      // The end of a turn matters more than its place in the index, which is made up for later.
      if (!(error instanceof SpoqError && error.code === 'disk_full')) throw error
      transaction(write)
    }
  }

  function remove(session: string): void {
    transaction(() => {
      index.remove(session)
      for (const removal of removals) removal.run(session)
      removeOne.run(session)
      log.remove(session)
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
    list: (limit, prefix = '') => selectUsed.all(prefix, limit) as unknown as SessionRow[],
    asked,
    search: index.search,
    delete: remove,
  }
}

const longestTitle = 80

function titleOf(question: string): string {
  const [line = ''] = question.trim().split('\n')
  return line.length > longestTitle ? `${line.slice(0, longestTitle - 1)}…` : line
}
