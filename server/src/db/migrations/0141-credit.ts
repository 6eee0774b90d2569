import { frozenSql } from '../frozen-sql.ts'

/** How credit comes and goes; how much there is the ledger says. */
export const credit = frozenSql(
  `CREATE TABLE top_up (
    id text PRIMARY KEY,
    account_id text NOT NULL,
    asked_by text NOT NULL,
    idem_key text NOT NULL,
    request_hash text NOT NULL,
    method text NOT NULL CHECK (method IN ('card', 'crypto', 'manual')),
    chain text,
    cents integer NOT NULL CHECK (cents > 0),
    state text NOT NULL CHECK (state IN ('waiting', 'paid', 'expired', 'failed', 'review')),
    note text,
    reference text UNIQUE,
    payment text UNIQUE,
    url text,
    address text,
    coins text,
    expires_at timestamptz NOT NULL,
    next_at timestamptz,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    UNIQUE (asked_by, idem_key),
    CHECK ((method = 'crypto') = (chain IS NOT NULL))
  )`,
  'CREATE INDEX top_up_next ON top_up (next_at) WHERE next_at IS NOT NULL',
  // What a refund or a dispute has taken back until now; `changes` counts how often that changed.
  `CREATE TABLE taken_back (
    source text PRIMARY KEY,
    top_up text NOT NULL REFERENCES top_up,
    cents integer NOT NULL CHECK (cents >= 0),
    changes integer NOT NULL,
    updated_at timestamptz NOT NULL
  )`,
  // Machines that are paid from credit by the day; `charged_to`: the last day that was.
  `CREATE TABLE prepaid (
    machine_id text PRIMARY KEY,
    account_id text NOT NULL,
    micros_daily bigint NOT NULL CHECK (micros_daily > 0),
    charged_to date NOT NULL
  )`,
  'CREATE INDEX prepaid_account ON prepaid (account_id)',
  `CREATE TABLE credit_standing (
    account_id text PRIMARY KEY,
    standing text NOT NULL CHECK (standing IN ('ok', 'week', 'day', 'empty')),
    updated_at timestamptz NOT NULL
  )`,
)
