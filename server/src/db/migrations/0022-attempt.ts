import { frozenSql } from '../frozen-sql.ts'

export const attempt = frozenSql(
  `CREATE TABLE attempt (
    key text PRIMARY KEY,
    count integer NOT NULL,
    until timestamptz NOT NULL
  )`,
  'CREATE INDEX attempt_until ON attempt (until)',
)
