import { frozenSql } from '../frozen-sql.ts'

export const login = frozenSql(
  `CREATE TABLE login (
    id text PRIMARY KEY,
    account_id text NOT NULL,
    client_id text NOT NULL,
    name text NOT NULL,
    created_at timestamptz NOT NULL,
    last_used_at timestamptz,
    revoked_at timestamptz
  )`,
  // A client is one login of an account at a time: refresh tokens are told apart by no more than that.
  'CREATE UNIQUE INDEX login_alive ON login (account_id, client_id) WHERE revoked_at IS NULL',
  'CREATE INDEX login_account ON login (account_id, created_at)',
  'CREATE INDEX login_client ON login (client_id)',
  `CREATE TABLE login_grant (
    user_code text PRIMARY KEY,
    address text NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL
  )`,
)
