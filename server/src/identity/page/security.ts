import { SpoqError } from '@spoq/contracts/problem'
import { securityLog } from '../../audit/security-log.ts'
import { redirect } from '../../web/page.ts'
import { securityPage } from '../../web/security.ts'
import { paths } from '../auth.ts'
import { wantsPage } from '../request.ts'
import { socialName } from '../social/provider.ts'
import { waysInto } from '../social/ways.ts'
import { type WebDeps, type WebSession, webSession } from '../web-session.ts'

/** GET `/account/security`: what happened to the account, and where to make it safer. */
export async function showSecurity(deps: WebDeps, request: Request): Promise<Response> {
  const session = await webSession(deps, request)
  if (!session) return redirect(`${paths.signIn}?next=${paths.security}`)
  return show(deps, session)
}

/** The page with what was wrong; programs get the problem alone. */
export async function securityWith(
  deps: WebDeps,
  request: Request,
  session: WebSession,
  error: unknown,
): Promise<Response> {
  if (!(error instanceof SpoqError) || !wantsPage(request)) throw error
  return show(deps, session, { error: `${error.message} ${error.next}`, status: error.status })
}

async function show(deps: WebDeps, { account, cookies }: WebSession, said: { error?: string; status?: number } = {}) {
  const { services } = await waysInto(deps.db, account)
  const offered = deps.social.providers.map(({ id }) => id)
  const known = [...new Set([...offered, ...services.map(({ id }) => id)])]
  return securityPage({
    ...said,
    action: paths.security,
    services: known.map(id => ({
      id,
      name: socialName[id],
      since: services.find(service => service.id === id)?.since.toISOString() ?? null,
    })),
    events: await securityLog(deps.db, account),
    totp: paths.totp,
    password: paths.password,
    cookies,
  })
}
