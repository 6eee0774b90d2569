// The full-text index over questions and answers (SQLite FTS5), written in the transactions of the log.

import type { SessionMatch } from '@spoq/contracts/session'
import type { Database } from '../log/index.ts'

export interface SearchIndex {
  /** Takes a question in, and notes that its answer is to come. */
  question(session: string, turn: string, first: number, at: string, text: string): void
  /** Takes in the answers of the turns that have ended and are not there yet. */
  catchUp(): void
  remove(session: string): void
  /** The places that hold all of the words, the last word also as the beginning of one; the best first. */
  search(words: string, limit: number): SessionMatch[]
}

/** Marks around what matches; no text of a person or a model keeps them, see `plain`. */
const [open, close] = ['\u0001', '\u0002']

/** Opens the index; one that is missing is made from the log. */
export function searchIndex({ sql, transaction }: Database): SearchIndex {
  transaction(() => {
    if (sql.prepare("SELECT 1 FROM sqlite_master WHERE name = 'session_text'").get()) return
    sql.exec(create)
    sql.exec(fill)
  })
  const insert = sql.prepare('INSERT INTO session_text (text, session, turn, part, at) VALUES (?, ?, ?, ?, ?)')
  const note = sql.prepare('INSERT INTO answer_to_index (turn, session, first) VALUES (?, ?, ?)')
  const noted = sql.prepare(`SELECT turn, session, first FROM answer_to_index
     WHERE turn NOT IN (SELECT turn FROM open_turn)`)
  const unnote = sql.prepare('DELETE FROM answer_to_index WHERE turn = ?')
  const answer = sql.prepare(`SELECT max(at) AS at, group_concat(CASE json_extract(body, '$.type')
       WHEN 'text.delta' THEN json_extract(body, '$.text') WHEN 'step.done' THEN char(10) ELSE '' END, '' ORDER BY id) AS text
     FROM event WHERE stream = ? AND id >= ? AND turn = ?`)
  const find = sql.prepare(`SELECT session, title, turn, part, at,
       snippet(session_text, 0, '${open}', '${close}', '…', 16) AS snippet
     FROM session_text JOIN session ON session.id = session_text.session
     WHERE session_text MATCH ? ORDER BY session_text.rank LIMIT ?`)
  const removals = ['session_text', 'answer_to_index'].map(table =>
    sql.prepare(`DELETE FROM ${table} WHERE session = ?`),
  )

  function question(session: string, turn: string, first: number, at: string, text: string): void {
    insert.run(plain(text), session, turn, 'question', at)
    note.run(turn, session, first)
  }

  function catchUp(): void {
    transaction(() => {
      for (const { turn, session, first } of noted.all() as unknown as Noted[]) {
        const { at, text } = answer.get(session, first, turn) as { at: string; text: string }
        insert.run(plain(text), session, turn, 'answer', at)
        unnote.run(turn)
      }
    })
  }

  function search(words: string, limit: number): SessionMatch[] {
    const query = queryOf(words)
    if (query === '') return []
    const rows = find.all(query, limit) as unknown as (Omit<SessionMatch, 'snippet'> & { snippet: string })[]
    return rows.map(row => ({ ...row, snippet: partsOf(row.snippet) }))
  }

  const remove = (session: string) => transaction(() => removals.forEach(one => void one.run(session)))
  return { question, catchUp, remove, search }
}

interface Noted {
  turn: string
  session: string
  first: number
}

const create = `CREATE VIRTUAL TABLE session_text USING fts5 (
  text, session UNINDEXED, turn UNINDEXED, part UNINDEXED, at UNINDEXED, tokenize = 'unicode61 remove_diacritics 2'
)`

/** All questions of the log; each answer is noted as one that is to be taken in. */
const questions = `FROM event WHERE stream >= 'sess_' AND stream < 'sess\`' AND json_extract(body, '$.type') = 'turn.queued'`
const fill = `
  INSERT INTO session_text (text, session, turn, part, at)
    SELECT json_extract(body, '$.question'), stream, turn, 'question', at ${questions};
  DELETE FROM answer_to_index;
  INSERT INTO answer_to_index (turn, session, first) SELECT turn, stream, id ${questions}`

/** Each word as text, so that nothing in it is an operator of the query. A zero byte would end the query within a word. */
function queryOf(words: string): string {
  const all = words
    .replaceAll('\0', ' ')
    .split(/\s+/)
    .filter(word => /[\p{L}\p{N}]/u.test(word))
  return all.map(word => `"${word.replaceAll('"', '""')}"`).join(' ') + (all.length > 0 ? '*' : '')
}

const plain = (text: string) => text.replaceAll(open, '').replaceAll(close, '')

function partsOf(snippet: string): SessionMatch['snippet'] {
  const parts = snippet.split(new RegExp(`${open}([^${close}]*)${close}`))
  return parts.map((text, index) => ({ text, matches: index % 2 === 1 })).filter(({ text }) => text !== '')
}
