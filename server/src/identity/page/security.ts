import { securityLog } from '../../audit/security-log.ts'
import { redirect } from '../../web/page.ts'
import { securityPage } from '../../web/security.ts'
import { paths } from '../auth.ts'
import { type WebDeps, webSession } from '../web-session.ts'

/** GET `/account/security`: what happened to the account, and where to make it safer. */
export async function showSecurity(deps: WebDeps, request: Request): Promise<Response> {
  const session = await webSession(deps, request)
  if (!session) return redirect(`${paths.signIn}?next=${paths.security}`)
  const { account, cookies } = session
  return securityPage({ events: await securityLog(deps.db, account), totp: paths.totp, forgot: paths.forgot, cookies })
}
