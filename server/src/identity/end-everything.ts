import type { Transaction } from 'kysely'
import { sql } from 'kysely'
import { type Ending, endLogin } from './login/store.ts'
import type { IdentityDbTables } from './tables.ts'

/** What stays: where the change was asked for. */
export interface Kept {
  login: string | null
  /** The id of a web session. */
  session: string | null
}

/** Ends all logins and web sessions of an account but the kept, and every sign-in of it that is under way. */
export async function endEverything(
  tx: Transaction<IdentityDbTables>,
  ending: Omit<Ending, 'id'>,
  kept: Kept = { login: null, session: null },
): Promise<void> {
  const { account } = ending
  const logins = await tx
    .selectFrom('login')
    .select('id')
    .where('account_id', '=', account)
    .where('revoked_at', 'is', null)
    .execute()
  for (const { id } of logins) if (id !== kept.login) await endLogin(tx, { ...ending, id })
  await tx
    .deleteFrom('auth_session')
    .where('userId', '=', account)
    .where('id', '!=', kept.session ?? '')
    .execute()
  await tx.deleteFrom('auth_device_code').where('userId', '=', account).execute()
  // Codes on their way to a loopback address, and second steps that wait, name the account in what they hold.
  await tx.deleteFrom('auth_verification').where(sql<boolean>`position(${account} in "value") > 0`).execute()
}
