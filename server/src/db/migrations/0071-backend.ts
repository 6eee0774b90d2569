import { frozenSql } from '../frozen-sql.ts'

export const backend = frozenSql(
  // Which backends live, and by which address clients reach them.
  `CREATE TABLE backend (
    id text PRIMARY KEY,
    base_url text NOT NULL,
    until timestamptz NOT NULL
  )`,
  // Of the one secret that all of them have; it cannot be read from this.
  `CREATE TABLE secret_fingerprint (
    only_one boolean PRIMARY KEY DEFAULT true CHECK (only_one),
    fingerprint text NOT NULL
  )`,
)
