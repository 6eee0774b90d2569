import { frozenSql } from '../frozen-sql.ts'

export const accessToken = frozenSql(
  `CREATE TABLE access_token (
    id text PRIMARY KEY,
    account_id text NOT NULL,
    name text NOT NULL,
    scopes jsonb NOT NULL,
    machine_id text,
    hash text NOT NULL UNIQUE,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    last_used_at timestamptz,
    last_used_from text,
    revoked_at timestamptz
  )`,
  'CREATE INDEX access_token_account ON access_token (account_id, created_at)',
)
