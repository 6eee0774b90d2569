import { frozenSql } from '../frozen-sql.ts'

/** What an account subscribes to: one plan at a time. */
export const subscription = frozenSql(
  `CREATE TABLE subscription (
    id text PRIMARY KEY,
    account_id text NOT NULL UNIQUE,
    plan text NOT NULL,
    billing_interval text NOT NULL,
    state text NOT NULL,
    stripe_id text UNIQUE,
    checkout text UNIQUE,
    checkout_url text,
    checkout_expires_at timestamptz,
    checkouts integer NOT NULL DEFAULT 0,
    checkout_plan text,
    checkout_interval text,
    coupon text,
    period_end timestamptz,
    cancel_at_period_end boolean NOT NULL DEFAULT false,
    failures integer NOT NULL DEFAULT 0,
    grace_until timestamptz,
    frozen_until timestamptz,
    read_at timestamptz,
    next_at timestamptz,
    version integer NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
  )`,
  'CREATE INDEX subscription_next ON subscription (next_at) WHERE next_at IS NOT NULL',
)
