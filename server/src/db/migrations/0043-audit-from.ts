import { frozenSql } from '../frozen-sql.ts'

/** What the security log of an account shows beside what every record has. */
export const auditFrom = frozenSql(
  'ALTER TABLE audit_record ADD COLUMN account_id text',
  'ALTER TABLE audit_record ADD COLUMN address text',
  'ALTER TABLE audit_record ADD COLUMN agent text',
  'CREATE INDEX audit_record_account ON audit_record (account_id, id) WHERE account_id IS NOT NULL',
)
