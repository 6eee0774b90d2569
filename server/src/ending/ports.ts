import type { BackupRow } from '../db/tables.ts'
import type { Log } from '../log.ts'
import type { MachinePorts } from '../machine/ports.ts'
import type { Outbox } from '../mail/outbox.ts'
import type { EndingTimes } from './ending.ts'

/** What the end of machines needs from outside. */
export interface EndingPorts extends Pick<MachinePorts, 'db' | 'wake' | 'emailOf' | 'now'> {
  times: EndingTimes
  /** Whether there is a place for final backups. */
  copies: boolean
  /** Reads a backup to its end. @throws SpoqError `backup_damaged` when it is not what was made. */
  verify: (backup: BackupRow) => Promise<void>
  /** The address at which its owner gets a backup. */
  linkOf: (backup: string) => string
  /** Has the backups looked at. */
  wakeBackups: () => void
  mail: Pick<Outbox, 'put' | 'wake'>
  log: Log
}
