import { frozenSql } from '../frozen-sql.ts'

export const trust = frozenSql(
  `CREATE TABLE trust (
    id text PRIMARY KEY,
    account_id text NOT NULL,
    repository_id text NOT NULL,
    ref text NOT NULL,
    scopes jsonb NOT NULL,
    machine_id text,
    created_at timestamptz NOT NULL,
    last_used_at timestamptz
  )`,
  'CREATE INDEX trust_repository ON trust (repository_id, ref)',
  'CREATE INDEX trust_account ON trust (account_id, created_at)',
  // Tokens of jobs that were exchanged, until they expire: each works once.
  `CREATE TABLE trust_use (
    token_hash text PRIMARY KEY,
    expires_at timestamptz NOT NULL
  )`,
  'CREATE INDEX trust_use_expires ON trust_use (expires_at)',
)
