// The seeds' paths, kept answering: each hands its request to the route that does the work.

import { oauth } from '@spoq/contracts/login'
import { SpoqError } from '@spoq/contracts/problem'
import { paths } from './auth.ts'
import { protocol } from './protocol.ts'
import { asForm, fieldsOf, type Here } from './request.ts'
import { type NewSession, signIn, signUp, type WebDeps } from './web-session.ts'

type Route = (deps: WebDeps, request: Request, here: Here) => Promise<Response>

/** By method and path. `/auth/verify` and `/auth/authorize` are pages of their own. */
export const aliases: Record<string, Route> = {
  'POST /auth/device': (...asked) => pass(asked, paths.deviceCode, {}),
  'POST /auth/device/token': (...asked) => pass(asked, paths.token, { grant_type: oauth.deviceGrant }),
  'POST /auth/refresh': (...asked) => pass(asked, paths.token, { grant_type: 'refresh_token' }),
  'POST /auth/revoke': (...asked) => pass(asked, paths.revoke, {}),
  'POST /api/auth/register': async (deps, request) => {
    const { email = '', name = '', password = '' } = await jsonOf(request)
    return answer(await signUp(deps, request, { email, name, password }), 201)
  },
  'POST /api/auth/login': async (deps, request, { from }) => {
    const { email = '', password = '' } = await jsonOf(request)
    const session = await signIn(deps, request, { email, password }, from)
    if (session.secondStep) throw new SpoqError('second_step_needed')
    return answer(session, 200)
  },
}

/** The same as a form, which is what OAuth speaks; without a client it is the stock one. */
async function pass(
  [deps, request, here]: Parameters<Route>,
  path: string,
  more: Record<string, string>,
): Promise<Response> {
  const fields = { client_id: oauth.stockClient, ...(await fieldsOf(request)), ...more }
  return (protocol[`POST ${path}`] as Route)(deps, asForm(request, path, fields), here)
}

/** A form of another site cannot send JSON unasked; so JSON alone needs no look at the Origin. */
async function jsonOf(request: Request): Promise<Record<string, string>> {
  return request.headers.get('content-type')?.startsWith('application/json') ? fieldsOf(request) : {}
}

function answer({ account, email, name, cookies }: NewSession, status: number): Response {
  const headers = new Headers({ 'cache-control': 'no-store' })
  for (const cookie of cookies) headers.append('set-cookie', cookie)
  return Response.json({ user: { id: account, email, name } }, { status, headers })
}
