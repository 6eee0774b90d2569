import { listLogins, revokeLogin } from '@spoq/contracts/login'
import type { Serve } from '../../http/serve.ts'
import type { IdentityDb } from '../tables.ts'
import { listLoginsOf } from './list.ts'
import { revoke } from './revoke.ts'

/** The routes of logins. */
export function registerLogins(serve: Serve, { db, now }: { db: IdentityDb; now: () => number }): void {
  serve.account(listLogins, async (_, caller) => ({ logins: await listLoginsOf(db, caller) }))
  serve.account(revokeLogin, ({ params }, caller) => revoke(db, { ...caller, id: params.login, now: now() }))
}
