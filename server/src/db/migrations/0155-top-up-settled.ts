import { frozenSql } from '../frozen-sql.ts'

/** When a person decided about a top-up, and how much of it became credit. */
export const topUpSettled = frozenSql(
  'ALTER TABLE top_up ADD COLUMN settled_at timestamptz',
  'ALTER TABLE top_up ADD COLUMN credited_cents integer CHECK (credited_cents > 0)',
)
