import { frozenSql } from '../frozen-sql.ts'

/** What became of each call of a model, also of those that a crash cut off. */
export const modelCallOutcome = frozenSql(
  // paid: what the vendor counted was taken. free: it cost nothing. lost: cut off; what the vendor counted nobody knows, nothing
  // was taken. Null: it goes on, or nobody has looked yet.
  `ALTER TABLE model_call ADD COLUMN outcome text CHECK (outcome IN ('paid', 'free', 'lost'))`,
  `UPDATE model_call SET outcome = CASE WHEN cost_micros > 0 THEN 'paid' ELSE 'free' END WHERE ended_at IS NOT NULL`,
  'CREATE INDEX model_call_open ON model_call (began_at) WHERE ended_at IS NULL',
  `CREATE INDEX model_call_lost ON model_call (id) WHERE outcome = 'lost'`,
)
