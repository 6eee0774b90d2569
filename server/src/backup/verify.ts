import type { Backup } from '@spoq/contracts/backup'
import type { BackupRow } from '../db/tables.ts'
import { assertReady, type BackupAsker, ownBackup } from './owner.ts'
import type { BackupPorts } from './ports.ts'
import { unpacked } from './sealed.ts'
import { toBackup } from './shape.ts'

/**
 * Reads a backup to its end and holds it against what was made.
 * @throws SpoqError `backup_not_found`, `backup_state`, `backup_damaged`.
 */
export async function verify(ports: BackupPorts, asker: BackupAsker, id: string): Promise<Backup> {
  const row = await ownBackup(ports.db, asker, id)
  assertReady(row)
  await readToEnd(ports, row)
  return toBackup(row)
}

/** @throws SpoqError `backup_damaged`. */
export async function readToEnd(ports: Pick<BackupPorts, 'db' | 'keys' | 'store'>, row: BackupRow): Promise<void> {
  for await (const _ of await unpacked(ports, row));
}
