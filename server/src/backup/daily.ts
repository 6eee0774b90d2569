// Which machines are due for the backup of their day. A machine's day begins at a time of its own, so that not all come at
// once; days on which nobody was there are not made up for, but the present one is.

import { createHash } from 'node:crypto'
import { newBackup } from './create.ts'
import type { BackupPorts } from './ports.ts'
import { insertBackup, listRunning } from './store.ts'

const day = 86_400_000

/** The number of a machine's day, and when that began. */
export function dayOf(machine: string, now: number): { slot: number; began: number } {
  const shift = createHash('sha256').update(machine).digest().readUInt32BE() % day
  const slot = Math.floor((now - shift) / day)
  return { slot, began: slot * day + shift }
}

/** Asks for the backups that are due. Asked again, or by another backend, nothing more comes of it. */
export async function askForDaily({ db, now }: Pick<BackupPorts, 'db' | 'now'>): Promise<void> {
  for (const machine of await listRunning(db)) {
    const { slot, began } = dayOf(machine.id, now())
    if (machine.created_at.getTime() > began || (machine.last ?? -1) >= slot) continue
    await insertBackup(db, { ...newBackup(machine, 'daily', now()), slot })
  }
}
