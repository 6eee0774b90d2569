import { frozenSql } from '../frozen-sql.ts'

/** Machines that are made ahead are nobody's until they are claimed; how many there are is an operator's to say. */
export const pool = frozenSql(
  'ALTER TABLE machine ALTER COLUMN account_id DROP NOT NULL',
  // What one that is made ahead was made of; null for the others.
  'ALTER TABLE machine ADD COLUMN pool_form text',
  `CREATE INDEX machine_unclaimed ON machine (created_at) WHERE account_id IS NULL AND state <> 'terminated'`,
  'CREATE INDEX machine_created ON machine (created_at)',
  `CREATE TABLE pool_limits (
    only_one boolean PRIMARY KEY DEFAULT true CHECK (only_one),
    least integer NOT NULL,
    most integer NOT NULL,
    set_at timestamptz NOT NULL
  )`,
)
