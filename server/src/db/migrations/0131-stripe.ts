import { frozenSql } from '../frozen-sql.ts'

/** Who is who at Stripe, what it told us, and what is to be read there again because of that. */
export const stripe = frozenSql(
  `CREATE TABLE stripe_customer (
    account_id text PRIMARY KEY,
    customer text NOT NULL UNIQUE,
    created_at timestamptz NOT NULL
  )`,
  // Kept as it came, whether or not anybody knows its type.
  `CREATE TABLE stripe_event (
    id text PRIMARY KEY,
    type text NOT NULL,
    object text,
    made_at timestamptz NOT NULL,
    received_at timestamptz NOT NULL,
    payload jsonb NOT NULL
  )`,
  // One row for each object, however many events told of it; `touched` says whether more came while it was read.
  `CREATE TABLE stripe_stale (
    object text PRIMARY KEY,
    kind text NOT NULL,
    touched bigint NOT NULL DEFAULT 1,
    attempts integer NOT NULL DEFAULT 0,
    next_at timestamptz NOT NULL
  )`,
  'CREATE INDEX stripe_stale_next ON stripe_stale (next_at)',
)
