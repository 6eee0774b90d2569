import { frozenSql } from '../frozen-sql.ts'

export const requestCount = frozenSql(
  `CREATE TABLE request_count (
    key text PRIMARY KEY,
    count integer NOT NULL,
    until timestamptz NOT NULL
  )`,
  'CREATE INDEX request_count_until ON request_count (until)',
)
