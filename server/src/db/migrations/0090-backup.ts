import { frozenSql } from '../frozen-sql.ts'

/** Copies of machines, and what was put back of them. No reference to the machine: a copy may outlive it. */
export const backup = frozenSql(
  `CREATE TABLE backup (
    id text PRIMARY KEY,
    machine_id text NOT NULL,
    account_id text NOT NULL,
    kind text NOT NULL,
    slot integer,
    state text NOT NULL,
    object text NOT NULL,
    bytes bigint,
    sha256 text,
    stored_bytes bigint,
    stored_sha256 text,
    secret_id text REFERENCES secret (id),
    attempts integer NOT NULL DEFAULT 0,
    next_attempt_at timestamptz,
    error_code text,
    error_message text,
    created_at timestamptz NOT NULL,
    made_at timestamptz,
    expires_at timestamptz NOT NULL
  )`,
  'CREATE UNIQUE INDEX backup_daily ON backup (machine_id, slot)',
  'CREATE INDEX backup_machine ON backup (machine_id, created_at)',
  'CREATE INDEX backup_state ON backup (state, next_attempt_at)',
  `CREATE TABLE machine_restore (
    machine_id text PRIMARY KEY,
    account_id text NOT NULL,
    backup_id text NOT NULL,
    state text NOT NULL,
    attempts integer NOT NULL DEFAULT 0,
    next_attempt_at timestamptz,
    error_code text,
    error_message text,
    asked_at timestamptz NOT NULL,
    ended_at timestamptz
  )`,
)
