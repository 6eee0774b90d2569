import type { AuditRecord } from '@spoq/contracts/audit'
import type { Kysely } from 'kysely'
import type { AuditRow, Tables } from '../db/tables.ts'

/** The records of one thing, oldest first. */
export async function listRecords(db: Kysely<Tables>, resource: string): Promise<AuditRecord[]> {
  const rows = await db.selectFrom('audit_record').selectAll().where('resource', '=', resource).orderBy('id').execute()
  return rows.map(toRecord)
}

function toRecord(row: AuditRow): AuditRecord {
  return {
    at: row.at.toISOString(),
    actor: row.actor,
    credential: row.credential,
    action: row.action,
    resource: row.resource,
    from: row.from_state,
    to: row.to_state,
    reason: row.reason,
    requestId: row.request_id,
  }
}
