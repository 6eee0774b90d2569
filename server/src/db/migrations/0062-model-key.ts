import { frozenSql } from '../frozen-sql.ts'

/** The keys of an account for the vendors of models; the keys themselves are secrets. */
export const modelKey = frozenSql(
  `CREATE TABLE model_key (
    account_id text NOT NULL,
    vendor text NOT NULL,
    secret_id text NOT NULL REFERENCES secret (id),
    url text NOT NULL,
    masked text NOT NULL,
    version integer NOT NULL,
    set_at timestamptz NOT NULL,
    checked_at timestamptz,
    PRIMARY KEY (account_id, vendor)
  )`,
)
