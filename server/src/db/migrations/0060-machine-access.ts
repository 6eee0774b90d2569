import { frozenSql } from '../frozen-sql.ts'

/** What each machine was told last of who may use it. */
export const machineAccess = frozenSql(
  `CREATE TABLE machine_access (
    machine_id text PRIMARY KEY REFERENCES machine (id) ON DELETE CASCADE,
    number integer NOT NULL,
    acknowledged text,
    attempts integer NOT NULL DEFAULT 0,
    next_attempt_at timestamptz
  )`,
)
