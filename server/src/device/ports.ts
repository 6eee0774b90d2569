import type { Transaction } from 'kysely'
import type { Tables } from '../db/tables.ts'
import type { From } from '../http/from.ts'
import type { MachinePorts } from '../machine/ports.ts'
import type { Outbox } from '../mail/outbox.ts'

/** Whose request it is, from where, and by which login of which computer. */
export interface Caller {
  account: string
  from: From
  login: string | null
}

export interface DevicePorts extends Pick<MachinePorts, 'db' | 'planOf' | 'wake' | 'now' | 'emailOf'> {
  mail: Pick<Outbox, 'put' | 'wake'>
  logins: LostLogins
}

export interface LostLogin {
  id: string
  name: string
  /** It was not ended yet. */
  stands: boolean
}

/** The logins of a computer, which end with its keys. */
export interface LostLogins {
  /** Those of an account that are called so, or as one of these is. */
  find: (
    trx: Transaction<Tables>,
    account: string,
    of: { name: string; logins: readonly string[] },
  ) => Promise<LostLogin[]>
  /** Ends one, as `spoq login revoke` does. */
  end: (trx: Transaction<Tables>, account: string, login: string, origin: From) => Promise<void>
}
