import { listLogins, revokeLogin } from '@spoq/contracts/login'
import type { Serve } from '../../http/serve.ts'
import type { WebDeps } from '../web-session.ts'
import { listLoginsOf } from './list.ts'
import { revoke } from './revoke.ts'

/** The routes of logins. */
export function registerLogins(serve: Serve, { db, now, ended }: Pick<WebDeps, 'db' | 'now' | 'ended'>): void {
  serve.account(listLogins, async (_, caller) => ({ logins: await listLoginsOf(db, caller) }))
  serve.account(revokeLogin, ({ params }, caller) =>
    revoke(db, {
      account: caller.account,
      id: params.login,
      origin: caller.from,
      now: now(),
      ended,
    }),
  )
}
