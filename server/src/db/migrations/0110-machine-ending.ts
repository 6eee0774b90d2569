import { frozenSql } from '../frozen-sql.ts'

/** The grace before a machine's end. */
export const machineEnding = frozenSql(
  'ALTER TABLE machine ADD COLUMN ending jsonb',
  "CREATE INDEX machine_ending ON machine (id) WHERE ending IS NOT NULL AND state <> 'terminated'",
)
