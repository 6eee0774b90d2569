// The page of a new password.

import { password as passwordShape } from '@spoq/contracts/account'
import { SpoqError } from '@spoq/contracts/problem'
import { messagePage } from '../../web/message.ts'
import { redirect } from '../../web/page.ts'
import { passwordPage } from '../../web/password.ts'
import { paths } from '../auth.ts'
import { changePassword } from '../password-change/change.ts'
import { assertOwnOrigin, fieldsOf, type Here } from '../request.ts'
import { type WebDeps, webSession } from '../web-session.ts'

export async function showPassword(deps: WebDeps, request: Request): Promise<Response> {
  const session = await webSession(deps, request)
  if (!session) return redirect(`${paths.signIn}?next=${paths.password}`)
  return passwordPage({ action: paths.password, forgot: paths.forgot, cookies: session.cookies })
}

/** Takes the present password and the new one. */
export async function takePassword(deps: WebDeps, request: Request, { from }: Here): Promise<Response> {
  assertOwnOrigin(request, deps.baseUrl)
  const session = await webSession(deps, request)
  if (!session) throw new SpoqError('not_signed_in')
  const { account, cookies, session: id } = session
  const { current = '', password = '', others } = await fieldsOf(request)
  try {
    if (!passwordShape.safeParse(password).success)
      throw new SpoqError('invalid_request', {
        message: 'A password has 8 to 128 characters.',
        next: 'Choose another.',
      })
    const asked = { current, password, endOthers: others === 'end' }
    await changePassword(deps, { account, login: null, session: id }, asked, from)
    const text = asked.endOthers ? 'Everything else has been signed out.' : 'What was signed in stays signed in.'
    return await messagePage({ title: 'The password is changed', text, cookies })
  } catch (error) {
    if (!(error instanceof SpoqError)) throw error
    const { message, next, status } = error
    return passwordPage({ action: paths.password, forgot: paths.forgot, cookies, error: `${message} ${next}`, status })
  }
}
