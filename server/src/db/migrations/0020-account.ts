import { frozenSql } from '../frozen-sql.ts'

export const account = frozenSql(
  `CREATE TABLE account (
    id text PRIMARY KEY,
    email text NOT NULL,
    name text NOT NULL,
    created_at timestamptz NOT NULL
  )`,
)
