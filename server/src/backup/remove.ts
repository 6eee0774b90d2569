import { askedBy } from '../audit/asked-by.ts'
import { record } from '../audit/record.ts'
import { type BackupAsker, ownBackup } from './owner.ts'
import type { BackupPorts } from './ports.ts'
import { changeBackup } from './store.ts'

/** Removes a backup for good, whatever its state. @throws SpoqError `backup_not_found`. */
export async function remove(ports: BackupPorts, asker: BackupAsker, id: string): Promise<undefined> {
  const { db, now, wake } = ports
  const row = await ownBackup(db, asker, id)
  await db.transaction().execute(async tx => {
    const removing = { state: 'removing', next_attempt_at: null } as const
    if (await changeBackup(tx, row.id, ['waiting', 'making', 'ready', 'failed'], removing))
      await record(tx, { ...askedBy(asker), action: 'backup.remove', resource: row.machine_id, reason: id }, now())
  })
  wake()
}
