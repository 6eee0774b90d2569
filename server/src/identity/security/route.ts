import { showSecurityLog } from '@spoq/contracts/account'
import { securityLog } from '../../audit/security-log.ts'
import type { Serve } from '../../http/serve.ts'
import type { WebDeps } from '../web-session.ts'

/** The route of the security log. */
export function registerSecurity(serve: Serve, { db }: Pick<WebDeps, 'db'>): void {
  serve.account(showSecurityLog, async (_, { account }) => ({ events: await securityLog(db, account) }))
}
