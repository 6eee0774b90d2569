// The rules that the machine keeps: what a person said shall hold for longer than one call.

import { SpoqError } from '@spoq/contracts/problem'
import type { Effect, Rule } from '@spoq/contracts/rule'
import type { Database } from '../log/index.ts'

export type NewRule = Omit<Rule, 'id' | 'createdAt'>

export interface RuleStore {
  /** Keeps a rule; the same one twice is one. Part of the transaction around. @throws SpoqError `disk_full`. */
  add(rule: NewRule): Rule
  /** All of them, the newest first. */
  list(): Rule[]
  /** @throws SpoqError `rule_not_found`. */
  remove(id: string): void
  /** Those that hold for a call of a session in a folder of the workspace. */
  holding(session: string, folder: string): { effect: Effect; rule: string }[]
}

const columns = 'id, effect, rule, scope, session, folder, made_by AS "by", created_at AS createdAt'

export function ruleStore(
  { sql, transaction }: Database,
  newId: (kind: string) => string,
  now: () => number,
): RuleStore {
  const insert = sql.prepare(
    `INSERT INTO rule (id, effect, rule, scope, session, folder, made_by, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT DO NOTHING`,
  )
  const same = sql.prepare(
    `SELECT ${columns} FROM rule WHERE effect = ? AND rule = ? AND scope = ? AND session IS ? AND folder IS ?`,
  )
  const select = sql.prepare(`SELECT ${columns} FROM rule ORDER BY created_at DESC, rowid DESC`)
  const erase = sql.prepare('DELETE FROM rule WHERE id = ?')
  const selectHolding = sql.prepare(
    `SELECT effect, rule FROM rule WHERE scope = 'always' OR session = ?
     OR folder = '' OR folder = ? OR substr(?, 1, length(folder) + 1) = folder || '/'`,
  )

  function add({ effect, rule, scope, session, folder, by }: NewRule): Rule {
    return transaction(() => {
      insert.run(newId('rule'), effect, rule, scope, session, folder, by, new Date(now()).toISOString())
      return same.get(effect, rule, scope, session, folder) as unknown as Rule
    })
  }

  function remove(id: string): void {
    if (transaction(() => erase.run(id).changes) === 0) throw new SpoqError('rule_not_found')
  }

  return {
    add,
    list: () => select.all() as unknown as Rule[],
    remove,
    holding: (session, folder) =>
      selectHolding.all(session, folder, folder) as unknown as { effect: Effect; rule: string }[],
  }
}
