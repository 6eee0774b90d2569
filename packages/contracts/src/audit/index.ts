export { type AuditRecord, auditRecord } from './audit.ts'
