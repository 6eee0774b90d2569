import { frozenSql } from '../frozen-sql.ts'

/** What is to be done to a machine once: one after the other, in this order. A snapshot stays as its task until it is removed. */
export const machineTask = frozenSql(
  `CREATE TABLE machine_task (
    id text PRIMARY KEY,
    machine_id text NOT NULL,
    kind text NOT NULL,
    -- The size to come to, the snapshot to go back to or to remove, the name of the one to take.
    argument text NOT NULL,
    state text NOT NULL,
    -- What the provider calls a snapshot.
    provider_ref text,
    attempts integer NOT NULL DEFAULT 0,
    next_attempt_at timestamptz,
    error_message text,
    price_cents integer,
    price_currency text,
    created_at timestamptz NOT NULL,
    ended_at timestamptz,
    seq bigint GENERATED ALWAYS AS IDENTITY
  )`,
  'CREATE INDEX machine_task_machine ON machine_task (machine_id, seq)',
)
