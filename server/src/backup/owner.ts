import { SpoqError } from '@spoq/contracts/problem'
import type { Kysely } from 'kysely'
import type { Asker } from '../audit/asked-by.ts'
import type { BackupRow, MachineRow, Tables } from '../db/tables.ts'
import { findBackup } from './store.ts'

/** Who asks, and for which machine alone, if for one. */
export interface BackupAsker extends Asker {
  limited?: { machine: string | null } | null
}

/**
 * The backup, if it is the account's.
 * @throws SpoqError `backup_not_found`, also for somebody else's, and for another machine's where a token is for one.
 */
export async function ownBackup(
  db: Kysely<Tables>,
  { account, limited }: Pick<BackupAsker, 'account' | 'limited'>,
  id: string,
): Promise<BackupRow> {
  const row = await findBackup(db, id)
  const only = limited?.machine ?? null
  if (!row || row.account_id !== account || row.state === 'removing' || (only !== null && only !== row.machine_id))
    throw new SpoqError('backup_not_found')
  return row
}

/** @throws SpoqError `backup_state` for one that is not stored. */
export function assertReady(row: BackupRow): void {
  if (row.state !== 'ready') throw new SpoqError('backup_state', { message: `The backup is ${row.state}, not ready.` })
}

/** @throws SpoqError `machine_not_running`. */
export function assertRunning({ name, state, endpoint }: MachineRow): void {
  if (state !== 'running' || endpoint === null)
    throw new SpoqError('machine_not_running', { message: `${name} is ${state}.` })
}
