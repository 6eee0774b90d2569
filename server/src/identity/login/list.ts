import type { Login } from '@spoq/contracts/login'
import type { IdentityDb } from '../tables.ts'
import { aliveLogins } from './store.ts'

/** The logins of the caller's account, newest first; `current` is the one the request came with. */
export async function listLoginsOf(
  db: IdentityDb,
  { account, login }: { account: string; login: string | null },
): Promise<Login[]> {
  return (await aliveLogins(db, account)).map(row => ({
    id: row.id,
    name: row.name,
    current: row.id === login,
    createdAt: row.created_at.toISOString(),
    lastUsedAt: row.last_used_at?.toISOString() ?? null,
  }))
}
