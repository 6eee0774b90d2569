// What stands in an account's security log is an audit record with whose it is and where it came from.

import { record } from '../../audit/record.ts'
import type { From } from '../../http/from.ts'
import type { WebDeps } from '../web-session.ts'

export interface Noted {
  account: string
  /** Noun and verb, as the log shows it. */
  action: string
  /** Null where nobody's request caused it. */
  origin: From | null
  reason?: string
  /** Default: the account itself. */
  actor?: string
}

/** Notes what happened with nothing changed: a sign-in, a wrong password. What changes is noted in the same transaction. */
export async function noteSecurity({ db, now }: Pick<WebDeps, 'db' | 'now'>, noted: Noted): Promise<void> {
  const { account } = noted
  await db.transaction().execute(tx => record(tx, { actor: `account:${account}`, resource: account, ...noted }, now()))
}
