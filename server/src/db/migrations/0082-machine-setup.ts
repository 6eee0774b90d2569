import { frozenSql } from '../frozen-sql.ts'

/** What becomes of a server's set-up; `round` counts those of one machine. */
export const machineSetup = frozenSql(
  `CREATE TABLE machine_setup (
    machine_id text PRIMARY KEY REFERENCES machine (id) ON DELETE CASCADE,
    round integer NOT NULL,
    token_hash text NOT NULL,
    issuer text NOT NULL,
    endpoint text NOT NULL,
    begun_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    heard_at timestamptz,
    stage text,
    log text NOT NULL DEFAULT '',
    error text,
    done_at timestamptz,
    host_key text,
    release text
  )`,
)
