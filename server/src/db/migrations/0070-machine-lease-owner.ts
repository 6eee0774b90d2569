import { frozenSql } from '../frozen-sql.ts'

/** Null for a lease of before: it ends like any other. */
export const machineLeaseOwner = frozenSql(
  'ALTER TABLE machine ADD COLUMN lease_owner text',
  'CREATE INDEX machine_leased ON machine (lease_until) WHERE lease_until IS NOT NULL',
)
