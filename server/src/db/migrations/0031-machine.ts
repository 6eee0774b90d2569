import { frozenSql } from '../frozen-sql.ts'

export const machine = frozenSql(
  `CREATE TABLE machine (
    id text PRIMARY KEY,
    account_id text NOT NULL,
    name text NOT NULL,
    provider text NOT NULL,
    template text NOT NULL,
    wanted text NOT NULL,
    holds jsonb NOT NULL,
    state text NOT NULL,
    stage text,
    provider_ref text,
    endpoint text,
    attempts integer NOT NULL DEFAULT 0,
    next_attempt_at timestamptz,
    create_sent_at timestamptz,
    lease_until timestamptz,
    error_code text,
    error_message text,
    request_key text,
    request_hash text,
    version integer NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
  )`,
  // A name is one machine's, of all accounts; once that is gone it is free again.
  `CREATE UNIQUE INDEX machine_name ON machine (name) WHERE state <> 'terminated'`,
  'CREATE UNIQUE INDEX machine_request ON machine (account_id, request_key)',
  'CREATE INDEX machine_account ON machine (account_id, created_at)',
)
