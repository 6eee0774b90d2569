import { frozenSql } from '../frozen-sql.ts'

/** Where a machine stands, how large it is, and what that costs; null where there is no choice. */
export const machinePlace = frozenSql(
  'ALTER TABLE machine ADD COLUMN region text',
  'ALTER TABLE machine ADD COLUMN size text',
  'ALTER TABLE machine ADD COLUMN price_cents integer',
  'ALTER TABLE machine ADD COLUMN price_currency text',
)
