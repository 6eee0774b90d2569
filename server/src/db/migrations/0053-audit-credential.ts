import { frozenSql } from '../frozen-sql.ts'

/** By which login, token or trust an actor acted. Records from before do not know. */
export const auditCredential = frozenSql('ALTER TABLE audit_record ADD COLUMN credential text')
