import { frozenSql } from '../frozen-sql.ts'

/** Others than Stripe send messages too. */
export const webhook = frozenSql(
  'ALTER TABLE stripe_event RENAME TO webhook',
  'ALTER TABLE stripe_stale RENAME TO stale',
  'ALTER INDEX stripe_stale_next RENAME TO stale_next',
  'CREATE INDEX webhook_object ON webhook (object) WHERE object IS NOT NULL',
)
