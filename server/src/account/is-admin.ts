import type { AccountDb } from './store.ts'
import { findAccount } from './store.ts'

/** Whether an account runs this server: its e-mail address is on the operator's list, and known to be its own. */
export async function isAdmin(db: AccountDb, emails: readonly string[], id: string): Promise<boolean> {
  if (emails.length === 0) return false
  const account = await findAccount(db, id)
  return account?.emailVerified === true && emails.includes(account.email.toLowerCase())
}
