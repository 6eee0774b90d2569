import type { Database } from '../log/index.ts'

/** One edit of one file. */
export interface Step {
  path: string
  /** The states before and after, by their hash; null for no file. */
  before: string | null
  after: string | null
  /** Permissions that a file brought back gets. */
  mode: number
  /** False for one that the Conductor did not see through: the file may stand before or after it. */
  written: boolean
}

export type NewStep = Omit<Step, 'written'> & { session: string; turn: string; bytes: number }

export interface CheckpointStore {
  add(step: NewStep): number | bigint
  written(seq: number | bigint): void
  remove(seq: number | bigint): void
  /** The contents that this session alone needs. */
  ownedBy(session: string): string[]
  /** Forgets all edits of a session. */
  forget(session: string): void
  lastTurn(session: string): string | null
  /** In the order in which they were made. */
  ofTurn(session: string, turn: string): Step[]
  /** Forgets the oldest turns, but never `keep`, until the contents are no more than so many bytes; answers those not needed. */
  shrink(most: number, keep: string): string[]
}

export function checkpointStore({ sql, transaction }: Database): CheckpointStore {
  const insert = sql.prepare(
    'INSERT INTO checkpoint (session, turn, path, before, after, mode, bytes) VALUES (?, ?, ?, ?, ?, ?, ?)',
  )
  const mark = sql.prepare('UPDATE checkpoint SET written = 1 WHERE seq = ?')
  const erase = sql.prepare('DELETE FROM checkpoint WHERE seq = ?')
  const last = sql.prepare('SELECT turn FROM checkpoint WHERE session = ? ORDER BY seq DESC LIMIT 1')
  const select = sql.prepare(
    'SELECT path, before, after, mode, written FROM checkpoint WHERE session = ? AND turn = ? ORDER BY seq',
  )
  const total = sql.prepare(
    'SELECT coalesce(sum(bytes), 0) AS bytes FROM (SELECT DISTINCT before, bytes FROM checkpoint WHERE before IS NOT NULL)',
  )
  const oldest = sql.prepare('SELECT turn FROM checkpoint WHERE turn <> ? ORDER BY seq LIMIT 1')
  const hashes = sql.prepare('SELECT DISTINCT before FROM checkpoint WHERE turn = ? AND before IS NOT NULL')
  const forget = sql.prepare('DELETE FROM checkpoint WHERE turn = ?')
  const used = sql.prepare('SELECT 1 FROM checkpoint WHERE before = ? LIMIT 1')

  const owned = sql.prepare(`SELECT DISTINCT before FROM checkpoint WHERE session = ?1 AND before IS NOT NULL
     AND before NOT IN (SELECT before FROM checkpoint WHERE session <> ?1 AND before IS NOT NULL)`)
  const forgetSession = sql.prepare('DELETE FROM checkpoint WHERE session = ?')

  function add({ session, turn, path, before, after, mode, bytes }: NewStep): number | bigint {
    return transaction(() => insert.run(session, turn, path, before, after, mode, bytes).lastInsertRowid)
  }

  function shrink(most: number, keep: string): string[] {
    return transaction(() => {
      const dropped: string[] = []
      while (Number(total.get()?.bytes) > most) {
        const turn = oldest.get(keep)?.turn
        if (typeof turn !== 'string') break
        const own = hashes.all(turn).map(({ before }) => String(before))
        forget.run(turn)
        dropped.push(...own.filter(hash => !used.get(hash)))
      }
      return dropped
    })
  }

  return {
    add,
    written: seq => transaction(() => void mark.run(seq)),
    remove: seq => transaction(() => void erase.run(seq)),
    ownedBy: session => owned.all(session).map(({ before }) => String(before)),
    forget: session => transaction(() => void forgetSession.run(session)),
    lastTurn: session => (last.get(session)?.turn as string | undefined) ?? null,
    ofTurn: (session, turn) =>
      select.all(session, turn).map(row => ({ ...row, written: row.written === 1 }) as unknown as Step),
    shrink,
  }
}
