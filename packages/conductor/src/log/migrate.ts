// The tables' forms, numbered. A form that was shipped is never edited: what changes is a new line at the end.

import type { DatabaseSync } from 'node:sqlite'

const migrations = [
  `CREATE TABLE event (
     stream TEXT NOT NULL, id INTEGER NOT NULL, turn TEXT, at TEXT NOT NULL, body TEXT NOT NULL,
     PRIMARY KEY (stream, id)
   ) STRICT, WITHOUT ROWID`,
  `CREATE TABLE session (
     id TEXT PRIMARY KEY, title TEXT NOT NULL, created_at TEXT NOT NULL, updated_at TEXT NOT NULL
   ) STRICT;
   CREATE INDEX session_by_use ON session (updated_at);
   -- An index into the log: the turns that have not ended, each with the id of its first event.
   CREATE TABLE open_turn (
     turn TEXT PRIMARY KEY, session TEXT NOT NULL REFERENCES session (id), first INTEGER NOT NULL
   ) STRICT;
   CREATE INDEX open_turn_by_session ON open_turn (session, first)`,
  `-- An index into the log: the runs that have not ended.
   CREATE TABLE open_run (run TEXT PRIMARY KEY) STRICT`,
  `ALTER TABLE session ADD COLUMN mode TEXT NOT NULL DEFAULT 'ask'`,
  `CREATE TABLE rule (
     id TEXT PRIMARY KEY, effect TEXT NOT NULL, rule TEXT NOT NULL, scope TEXT NOT NULL,
     session TEXT REFERENCES session (id) ON DELETE CASCADE, folder TEXT,
     made_by TEXT NOT NULL, created_at TEXT NOT NULL
   ) STRICT;
   CREATE UNIQUE INDEX rule_once ON rule (effect, rule, scope, ifnull(session, ''), ifnull(folder, ''))`,
  `-- The agents' edits, in their order. before and after are the states of the file, null for none at all.
   CREATE TABLE checkpoint (
     seq INTEGER PRIMARY KEY AUTOINCREMENT, session TEXT NOT NULL REFERENCES session (id) ON DELETE CASCADE,
     turn TEXT NOT NULL, path TEXT NOT NULL, before TEXT, after TEXT, mode INTEGER NOT NULL, bytes INTEGER NOT NULL,
     written INTEGER NOT NULL DEFAULT 0
   ) STRICT;
   CREATE INDEX checkpoint_by_turn ON checkpoint (session, turn)`,
]

/** Brings the tables to the newest form; the caller's transaction makes it all or nothing. */
export function migrate(sql: DatabaseSync): void {
  const { user_version: done } = sql.prepare('PRAGMA user_version').get() as { user_version: number }
  if (done > migrations.length)
    throw new Error(`the log was written by a newer Conductor (form ${done}, this one knows ${migrations.length})`)
  for (const migration of migrations.slice(done)) sql.exec(migration)
  sql.exec(`PRAGMA user_version = ${migrations.length}`)
}
