import { frozenSql } from '../frozen-sql.ts'

/** Which plan an account has: what it paid for, and what whoever runs the server gave it, which goes before. */
export const accountPlan = frozenSql(
  `CREATE TABLE account_plan (
    account_id text PRIMARY KEY,
    bought text,
    given text,
    given_reason text,
    updated_at timestamptz NOT NULL
  )`,
)
