// Approval of a sign-in that began in this browser: authorization code with PKCE, back to the loopback address.

import { SpoqError } from '@spoq/contracts/problem'
import { consentPage } from '../../web/approve.ts'
import { redirect } from '../../web/page.ts'
import { basePath, paths } from '../auth.ts'
import { assertOwnOrigin, fieldsOf } from '../request.ts'
import { type WebDeps, webSession } from '../web-session.ts'

/** GET `/auth/consent?…`: better-auth sent the browser here with the signed request. */
export async function showConsent(deps: WebDeps, request: Request): Promise<Response> {
  const { search, searchParams } = new URL(request.url)
  const session = await webSession(deps, request)
  if (!session) return redirect(paths.signIn)
  const client = await deps.db
    .selectFrom('auth_oauth_client')
    .select('name')
    .where('clientId', '=', searchParams.get('client_id') ?? '')
    .executeTakeFirst()
  const back = searchParams.get('redirect_uri') ?? ''
  if (!client || !URL.canParse(back))
    throw new SpoqError('invalid_request', { message: 'Nothing asks for approval here.' })
  return consentPage({
    action: paths.consent,
    query: search.slice(1),
    device: client.name ?? 'an unnamed computer',
    email: session.email,
    redirect: new URL(back),
    cookies: session.cookies,
  })
}

/** POST `/auth/consent`: better-auth checks the signature and says where to go. */
export async function takeConsent(deps: WebDeps, request: Request): Promise<Response> {
  assertOwnOrigin(request, deps.baseUrl)
  const session = await webSession(deps, request)
  if (!session) throw new SpoqError('not_signed_in')
  const { query = '', decision } = await fieldsOf(request)
  const answer = await deps.auth.handler(
    new Request(`${deps.baseUrl}${basePath}/oauth2/consent`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/json',
        origin: deps.baseUrl,
        cookie: request.headers.get('cookie') ?? '',
      },
      body: JSON.stringify({ accept: decision === 'approve', oauth_query: query }),
    }),
  )
  const { url } = (await answer.json()) as { url?: string }
  if (!answer.ok || !url)
    throw new SpoqError('invalid_request', { message: 'This sign-in has expired.', next: 'Start it again.' })
  // Asked again next time: a program that knows a client's id must not get in on an old yes.
  await deps.db
    .deleteFrom('auth_oauth_consent')
    .where('clientId', '=', new URLSearchParams(query).get('client_id') ?? '')
    .where('userId', '=', session.account)
    .execute()
  return redirect(url)
}
