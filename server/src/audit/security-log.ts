import type { SecurityEvent } from '@spoq/contracts/account'
import type { Kysely } from 'kysely'
import type { Tables } from '../db/tables.ts'

const most = 200

/** The latest records that stand in an account's security log, newest first. */
export async function securityLog(db: Kysely<Tables>, account: string): Promise<SecurityEvent[]> {
  const rows = await db
    .selectFrom('audit_record')
    .select(['at', 'action', 'resource', 'credential', 'address', 'agent', 'reason', 'request_id'])
    .where('account_id', '=', account)
    .orderBy('id', 'desc')
    .limit(most)
    .execute()
  return rows.map(({ at, request_id, ...row }) => ({ ...row, at: at.toISOString(), requestId: request_id }))
}
