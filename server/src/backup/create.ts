import type { Backup } from '@spoq/contracts/backup'
import { askedBy } from '../audit/asked-by.ts'
import { record } from '../audit/record.ts'
import { newId } from '../db/new-id.ts'
import type { BackupRow } from '../db/tables.ts'
import { ownMachine } from '../machine/owner.ts'
import { assertRunning, type BackupAsker } from './owner.ts'
import { type BackupPorts, keptMs, mostKeptMs } from './ports.ts'
import { toBackup } from './shape.ts'
import { insertBackup, listBackups } from './store.ts'

/**
 * Asks for a backup of a machine. While one of its kind is being made, that is the one.
 * @throws SpoqError `machine_not_found`, `machine_not_running`.
 */
export async function create(
  ports: BackupPorts,
  asker: BackupAsker,
  { machine, kind }: { machine: string; kind: 'manual' | 'export' },
): Promise<Backup> {
  const { db, now, wake } = ports
  const found = await ownMachine(db, asker.account, machine)
  assertRunning(found)
  const begun = (await listBackups(db, asker.account, machine)).find(
    row => row.kind === kind && (row.state === 'waiting' || row.state === 'making'),
  )
  if (begun) return toBackup(begun)
  const row = await db.transaction().execute(async tx => {
    const made = await insertBackup(tx, newBackup(found, kind, now()))
    if (!made) throw new Error(`backup of ${machine} was not written`)
    await record(tx, { ...askedBy(asker), action: 'backup.create', resource: machine, reason: made.id }, now())
    return made
  })
  wake()
  return toBackup(row)
}

/** A backup that waits to be made. */
export function newBackup(machine: { id: string; account_id: string }, kind: BackupRow['kind'], now: number) {
  const id = newId('backup')
  return {
    id,
    machine_id: machine.id,
    account_id: machine.account_id,
    kind,
    state: 'waiting' as const,
    object: `${machine.id}/${id}`,
    created_at: new Date(now),
    expires_at: new Date(now + (kind === 'export' ? keptMs.export : mostKeptMs)),
  }
}
