import type { AuditRecord } from '@spoq/contracts/audit'
import type { Kysely } from 'kysely'
import { listRecords } from '../audit/list.ts'
import type { Tables } from '../db/tables.ts'
import { ownMachine } from './owner.ts'

/**
 * All that was done to a machine, oldest first.
 * @throws SpoqError `machine_not_found`.
 */
export async function history(db: Kysely<Tables>, account: string, machine: string): Promise<AuditRecord[]> {
  return listRecords(db, (await ownMachine(db, account, machine)).id)
}
