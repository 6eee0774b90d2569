import type { MessageCounter } from '../access/count.ts'
import type { MachineRow } from '../db/tables.ts'
import type { Log } from '../log.ts'
import type { MachinePorts } from '../machine/ports.ts'
import type { Outbox } from '../mail/outbox.ts'
import type { Outcome } from './health.ts'

/** What the watch over the machines' health needs from outside. */
export interface HealthPorts extends Pick<MachinePorts, 'db' | 'providers' | 'wake' | 'emailOf' | 'now'> {
  /** Asks a machine whether it lives; it never throws. */
  probe: (row: MachineRow) => Promise<Outcome>
  /** Asks those that answer for what they count. */
  messages: MessageCounter
  mail: Pick<Outbox, 'put' | 'wake'>
  log: Log
}
