import { frozenSql } from '../frozen-sql.ts'

/** Whose each name is, now and for a while after: a name that changed hands at once would lead to somebody else. */
export const claimedName = frozenSql(
  `CREATE TABLE claimed_name (
    name text PRIMARY KEY,
    account_id text NOT NULL,
    machine_id text NOT NULL,
    until timestamptz
  )`,
  'CREATE INDEX claimed_name_machine ON claimed_name (machine_id)',
  `INSERT INTO claimed_name (name, account_id, machine_id)
    SELECT name, account_id, id FROM machine WHERE state <> 'terminated'`,
  `INSERT INTO claimed_name (name, account_id, machine_id, until)
    SELECT DISTINCT ON (name) name, account_id, id, updated_at + interval '30 days' FROM machine
    WHERE state = 'terminated' ORDER BY name, updated_at DESC ON CONFLICT DO NOTHING`,
)
