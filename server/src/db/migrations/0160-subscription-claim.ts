import { frozenSql } from '../frozen-sql.ts'

/** What banks and refunds took back of subscriptions, as far as it was told. */
export const subscriptionClaim = frozenSql(
  `CREATE TABLE subscription_claim (
    -- The id of the dispute, or of the charge that was refunded.
    source text PRIMARY KEY,
    account_id text NOT NULL,
    stripe_id text NOT NULL,
    state text NOT NULL CHECK (state IN ('open', 'won', 'lost', 'refunded')),
    cents integer NOT NULL,
    updated_at timestamptz NOT NULL
  )`,
)
