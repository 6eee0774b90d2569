import { frozenSql } from '../frozen-sql.ts'

/** Models on our own keys: whose machines use them, and what each call was. */
export const modelCredit = frozenSql(
  `CREATE TABLE model_credit (
    account_id text PRIMARY KEY,
    is_on boolean NOT NULL,
    budget_cents integer,
    -- A higher one makes the tokens of before worthless.
    generation integer NOT NULL DEFAULT 1,
    updated_at timestamptz NOT NULL
  )`,
  // A call that has no end was cut off by a crash: it cost its account nothing.
  `CREATE TABLE model_call (
    id text PRIMARY KEY,
    account_id text NOT NULL,
    machine_id text NOT NULL,
    vendor text NOT NULL,
    model text NOT NULL,
    began_at timestamptz NOT NULL,
    -- What it may cost at most; counted as spent until it has ended.
    held_micros bigint NOT NULL,
    ended_at timestamptz,
    input_tokens bigint,
    cached_tokens bigint,
    output_tokens bigint,
    cost_micros bigint
  )`,
  'CREATE INDEX model_call_account ON model_call (account_id, began_at)',
)
