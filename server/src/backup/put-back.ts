// Puts one backup back on a machine.

import { Readable } from 'node:stream'
import { SpoqError } from '@spoq/contracts/problem'
import type { RestoreRow } from '../db/tables.ts'
import { findMachine } from '../machine/store.ts'
import { assertReady, assertRunning } from './owner.ts'
import type { BackupPorts } from './ports.ts'
import { unpacked } from './sealed.ts'
import { findBackup } from './store.ts'

/**
 * The machine takes all of it or nothing, and checks it itself; done twice the same stands there.
 * @throws SpoqError what the machine answered; `backup_damaged`, `backup_not_found`, `machine_not_running`.
 */
export async function putBack(ports: BackupPorts, restore: RestoreRow): Promise<void> {
  const [machine, row] = [
    await findMachine(ports.db, restore.machine_id),
    await findBackup(ports.db, restore.backup_id),
  ]
  if (!machine || machine.account_id !== restore.account_id) throw new SpoqError('machine_not_found')
  if (!row || row.account_id !== restore.account_id) throw new SpoqError('backup_not_found')
  assertReady(row)
  assertRunning(machine)
  const at = { endpoint: machine.endpoint ?? '', token: await ports.tokenFor(machine.id) }
  let broken: unknown
  const bytes = (async function* () {
    try {
      yield* await unpacked(ports, row)
    } catch (error) {
      broken = error
      throw error
    }
  })()
  await ports.archive.write(at, Readable.from(bytes, { objectMode: false })).catch(error => {
    // What breaks off here looks like a machine that went away.
    throw broken ?? error
  })
}
