import { frozenSql } from '../frozen-sql.ts'

export const mail = frozenSql(
  `CREATE TABLE mail (
    id text PRIMARY KEY,
    sealed text NOT NULL,
    tries integer NOT NULL DEFAULT 0,
    next_try_at timestamptz NOT NULL,
    give_up_at timestamptz NOT NULL
  )`,
  'CREATE INDEX mail_due ON mail (next_try_at)',
)
