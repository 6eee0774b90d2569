// The page that takes the code that was sent by mail.

import { SpoqError } from '@spoq/contracts/problem'
import { findAccount } from '../../account/store.ts'
import { messagePage } from '../../web/message.ts'
import { redirect } from '../../web/page.ts'
import { type EmailForm, verifyEmailPage } from '../../web/verify-email.ts'
import { paths } from '../auth.ts'
import { assertOwnOrigin, fieldsOf, type Here } from '../request.ts'
import { sendCode, takeCode } from '../verification/verification.ts'
import { type WebDeps, type WebSession, webSession } from '../web-session.ts'

/** GET `/account/verify`. */
export async function showVerifyEmail(deps: WebDeps, request: Request): Promise<Response> {
  const session = await webSession(deps, request)
  return session ? show(deps, session, {}) : redirect(`${paths.signIn}?next=${paths.verifyEmail}`)
}

/** POST `/account/verify`: with a code it is checked, without one a new one is sent. */
export async function takeVerifyEmail(deps: WebDeps, request: Request, { from }: Here): Promise<Response> {
  assertOwnOrigin(request, deps.baseUrl)
  const session = await webSession(deps, request)
  if (!session) throw new SpoqError('not_signed_in')
  const { code } = await fieldsOf(request)
  try {
    if (code) await takeCode(deps, session.account, code, from)
    else await sendCode(deps, session.account, from)
    return await show(deps, session, { sent: !code })
  } catch (error) {
    if (!(error instanceof SpoqError)) throw error
    return show(deps, session, { sent: true, error: `${error.message} ${error.next}`, status: error.status })
  }
}

async function show(
  deps: WebDeps,
  { account, cookies, email }: WebSession,
  form: Partial<EmailForm>,
): Promise<Response> {
  if ((await findAccount(deps.db, account))?.emailVerified)
    return messagePage({ title: 'Verified', text: `The address ${email} is yours. You can close this page.`, cookies })
  return verifyEmailPage({ action: paths.verifyEmail, sent: false, ...form, email, cookies })
}
