import type { Restore } from '@spoq/contracts/backup'
import { askedBy } from '../audit/asked-by.ts'
import { record } from '../audit/record.ts'
import { ownMachine } from '../machine/owner.ts'
import { assertReady, assertRunning, type BackupAsker, ownBackup } from './owner.ts'
import type { BackupPorts } from './ports.ts'
import { toRestore } from './shape.ts'
import { putRestore } from './store.ts'

/**
 * Wants a backup put back on a machine of the same account, not always the one it was made of.
 * @throws SpoqError `machine_not_found`, `machine_not_running`, `backup_not_found`, `backup_state`.
 */
export async function restore(
  ports: BackupPorts,
  asker: BackupAsker,
  { machine, backup }: { machine: string; backup: string },
): Promise<Restore> {
  const { db, now, wake } = ports
  const found = await ownMachine(db, asker.account, machine)
  const row = await ownBackup(db, asker, backup)
  assertReady(row)
  assertRunning(found)
  const wanted = await db.transaction().execute(async tx => {
    await record(tx, { ...askedBy(asker), action: 'machine.restore', resource: machine, reason: backup }, now())
    return putRestore(tx, {
      machine_id: machine,
      account_id: asker.account,
      backup_id: backup,
      state: 'waiting',
      next_attempt_at: null,
      error_code: null,
      error_message: null,
      asked_at: new Date(now()),
      ended_at: null,
    })
  })
  wake()
  return toRestore(wanted)
}
