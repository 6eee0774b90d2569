import { frozenSql } from '../frozen-sql.ts'

/** Questions of those who come to a gateway without a key: whom they want in to, and what its owner said. */
export const sshQuestion = frozenSql(
  `CREATE TABLE ssh_question (
    id text PRIMARY KEY,
    words text NOT NULL UNIQUE,
    gateway text NOT NULL,
    address text NOT NULL,
    -- Null: there is no such machine or profile, and nobody will ever answer.
    machine_id text,
    profile_id text,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    -- Who said yes; null with a time: the answer was no.
    account_id text,
    decided_at timestamptz,
    -- When somebody came in by it, or who asked went away.
    over_at timestamptz
  )`,
  // As which profile somebody is in who came by a question; null: by a key.
  'ALTER TABLE ssh_session ADD profile_id text',
)
