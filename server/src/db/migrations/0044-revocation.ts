import { frozenSql } from '../frozen-sql.ts'

/** Logins that ended while tokens of theirs may still be about: machines refuse these until then. */
export const revocation = frozenSql(
  `CREATE TABLE revocation (
    login text PRIMARY KEY,
    account text NOT NULL,
    until timestamptz NOT NULL
  )`,
  'CREATE INDEX revocation_account ON revocation (account)',
  'CREATE INDEX revocation_until ON revocation (until)',
)
