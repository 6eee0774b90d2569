import { frozenSql } from '../frozen-sql.ts'

export const secret = frozenSql(
  // Versions of key-encryption keys that were used, by name alone; what was forgotten is never used again.
  `CREATE TABLE secret_key (
    version text PRIMARY KEY,
    forgotten_at timestamptz
  )`,
  `CREATE TABLE secret (
    id text PRIMARY KEY,
    account_id text NOT NULL,
    kind text NOT NULL,
    name text NOT NULL,
    sealed text NOT NULL,
    key_version text NOT NULL REFERENCES secret_key (version),
    created_at timestamptz NOT NULL
  )`,
  'CREATE INDEX secret_account ON secret (account_id, kind, name)',
  'CREATE INDEX secret_key_version ON secret (key_version, id)',
)
