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
  `-- What a question was accepted as, by its caller's idempotency key.
   CREATE TABLE ask_key (
     key TEXT PRIMARY KEY, hash TEXT NOT NULL, session TEXT NOT NULL, turn TEXT NOT NULL, first INTEGER NOT NULL,
     at TEXT NOT NULL
   ) STRICT;
   CREATE INDEX ask_key_by_age ON ask_key (at);
   -- Turns whose answer is not in the full-text index yet, each with the id of its first event.
   CREATE TABLE answer_to_index (turn TEXT PRIMARY KEY, session TEXT NOT NULL, first INTEGER NOT NULL) STRICT`,
  `-- An entry for each run; those without an end run, or were lost.
   CREATE TABLE run (
     id TEXT PRIMARY KEY, command TEXT NOT NULL, directory TEXT NOT NULL, started_at TEXT NOT NULL, ended_at TEXT,
     status INTEGER, signal TEXT, lost INTEGER NOT NULL DEFAULT 0, bytes INTEGER NOT NULL DEFAULT 0,
     dropped INTEGER NOT NULL DEFAULT 0
   ) STRICT;
   INSERT INTO run (id, command, directory, started_at, bytes)
     SELECT stream, json_extract(body, '$.command'), json_extract(body, '$.directory'), at,
       (SELECT coalesce(sum(length(json_extract(o.body, '$.data')) * 3 / 4), 0) FROM event o
        WHERE o.stream = event.stream AND json_extract(o.body, '$.type') = 'run.output')
     FROM event WHERE id = 1 AND json_extract(body, '$.type') = 'run.started' ORDER BY at;
   UPDATE run SET (ended_at, status, signal) = (
     SELECT at, json_extract(body, '$.status'), json_extract(body, '$.signal') FROM event
     WHERE stream = run.id AND json_extract(body, '$.type') = 'run.ended');
   DROP TABLE open_run`,
  `-- An index into the log: the model's calls by time, for the day's budget.
   CREATE INDEX model_call ON event (at) WHERE json_extract(body, '$.type') = 'step.done'`,
  `-- Summaries of conversations are calls too.
   DROP INDEX model_call;
   CREATE INDEX model_call ON event (at) WHERE json_extract(body, '$.type') IN ('step.done', 'context.compacted')`,
  `-- Accepted turns by calendar month (UTC): all of them, and of these those on Spoq credit. A log may be put back on another
   -- machine: what was counted is told by the one that did.
   CREATE TABLE message_count (
     machine TEXT NOT NULL, month TEXT NOT NULL, total INTEGER NOT NULL, on_credit INTEGER NOT NULL,
     PRIMARY KEY (machine, month)
   ) STRICT`,
]

/** The form that `migrate` brings them to; a log of a higher one is a newer Conductor's. */
export const newestForm = migrations.length

/** Brings the tables to the newest form; the caller's transaction makes it all or nothing. */
export function migrate(sql: DatabaseSync): void {
  const { user_version: done } = sql.prepare('PRAGMA user_version').get() as { user_version: number }
  if (done > migrations.length)
    throw new Error(`the log was written by a newer Conductor (form ${done}, this one knows ${migrations.length})`)
  for (const migration of migrations.slice(done)) sql.exec(migration)
  sql.exec(`PRAGMA user_version = ${migrations.length}`)
}
