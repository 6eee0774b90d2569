import { frozenSql } from '../frozen-sql.ts'

/** SSH through gateways: their keys, whom machines were told to trust, and each session. */
export const sshSession = frozenSql(
  `CREATE TABLE ssh_gateway (
    authority text PRIMARY KEY,
    host_key text NOT NULL,
    seen_at timestamptz NOT NULL
  )`,
  `CREATE TABLE machine_ssh (
    machine_id text PRIMARY KEY,
    host_key text NOT NULL,
    unix_user text NOT NULL,
    -- The authorities that it was told to trust, in the order of the alphabet.
    authorities text NOT NULL,
    told_at timestamptz NOT NULL
  )`,
  `CREATE TABLE ssh_session (
    id text PRIMARY KEY,
    account_id text NOT NULL,
    machine_id text NOT NULL,
    device_id text NOT NULL,
    gateway text NOT NULL,
    address text NOT NULL,
    began_at timestamptz NOT NULL,
    -- When its gateway told of it last; one that is not told of for long is over.
    seen_at timestamptz NOT NULL,
    ended_at timestamptz
  )`,
  'CREATE INDEX ssh_session_live ON ssh_session (account_id) WHERE ended_at IS NULL',
)
