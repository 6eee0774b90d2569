import type { Backup, Restore } from '@spoq/contracts/backup'
import type { BackupRow, RestoreRow } from '../db/tables.ts'

/** A backup as its owner sees it. */
export const toBackup = (row: BackupRow): Backup => ({
  id: row.id,
  machine: row.machine_id,
  kind: row.kind,
  state: row.state,
  bytes: row.bytes,
  sha256: row.sha256,
  storedBytes: row.stored_bytes,
  createdAt: row.created_at.toISOString(),
  madeAt: row.made_at?.toISOString() ?? null,
  expiresAt: row.expires_at.toISOString(),
  error: errorOf(row),
})

export const toRestore = (row: RestoreRow): Restore => ({
  machine: row.machine_id,
  backup: row.backup_id,
  state: row.state,
  askedAt: row.asked_at.toISOString(),
  endedAt: row.ended_at?.toISOString() ?? null,
  error: errorOf(row),
})

const errorOf = ({ error_code: code, error_message }: Pick<BackupRow, 'error_code' | 'error_message'>) =>
  code ? { code, message: error_message ?? '' } : null
