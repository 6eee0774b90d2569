import { frozenSql } from '../frozen-sql.ts'

export const oneTime = frozenSql(
  `CREATE TABLE one_time (
    kind text NOT NULL,
    account_id text NOT NULL,
    hash text NOT NULL,
    tries integer NOT NULL DEFAULT 0,
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (kind, account_id)
  )`,
  'CREATE INDEX one_time_hash ON one_time (hash)',
)
