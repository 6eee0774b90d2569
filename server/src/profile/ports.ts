import type { Selectable, Transaction } from 'kysely'
import type { ProfileTable, Tables } from '../db/tables.ts'
import type { From } from '../http/from.ts'
import type { MachinePorts } from '../machine/ports.ts'

export type ProfileRow = Selectable<ProfileTable>

/** Whose request it is, and where it came from: what lets somebody in stands in the security log. */
export interface Caller {
  account: string
  from: From
}

export interface ProfilePorts extends Pick<MachinePorts, 'db' | 'planOf' | 'wake' | 'now'> {
  /** In the transaction that removes a profile: its devices end with it. */
  removed: (trx: Transaction<Tables>, caller: Caller, profile: ProfileRow) => Promise<void>
}
