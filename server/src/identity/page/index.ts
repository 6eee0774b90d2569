// Which page answers what.

import { messagePage } from '../../web/message.ts'
import { redirect } from '../../web/page.ts'
import { paths } from '../auth.ts'
import { assertOwnOrigin, type Here } from '../request.ts'
import { noteSecurity } from '../security/note.ts'
import { type WebDeps, webSession } from '../web-session.ts'
import { showApproval, takeDecision } from './approve.ts'
import { showConsent, takeConsent } from './consent.ts'
import { showPassword, takePassword } from './password.ts'
import { showForgot, showReset, takeForgot, takeReset } from './reset.ts'
import { showSecondStep, takeSecondStep } from './second-step.ts'
import { showSecurity } from './security.ts'
import { showSignIn, showSignUp, takeSignIn, takeSignUp } from './sign-in.ts'
import { takeSecurity } from './social.ts'
import { showTotp, takeTotp } from './totp.ts'
import { showVerifyEmail, takeVerifyEmail } from './verify-email.ts'

export type PageHandler = (deps: WebDeps, request: Request, here: Here) => Promise<Response>

/** By method and path. */
export const pages: Record<string, PageHandler> = {
  [`GET ${paths.signIn}`]: showSignIn,
  [`POST ${paths.signIn}`]: takeSignIn,
  [`GET ${paths.signUp}`]: showSignUp,
  [`POST ${paths.signUp}`]: takeSignUp,
  [`POST ${paths.signOut}`]: signOut,
  [`GET ${paths.verify}`]: showApproval,
  [`POST ${paths.decide}`]: takeDecision,
  [`GET ${paths.consent}`]: showConsent,
  [`POST ${paths.consent}`]: takeConsent,
  [`GET ${paths.verifyEmail}`]: showVerifyEmail,
  [`POST ${paths.verifyEmail}`]: takeVerifyEmail,
  [`GET ${paths.forgot}`]: showForgot,
  [`POST ${paths.forgot}`]: takeForgot,
  [`GET ${paths.reset}`]: showReset,
  [`POST ${paths.reset}`]: takeReset,
  [`GET ${paths.secondStep}`]: showSecondStep,
  [`POST ${paths.secondStep}`]: takeSecondStep,
  [`GET ${paths.totp}`]: showTotp,
  [`POST ${paths.totp}`]: takeTotp,
  [`GET ${paths.password}`]: showPassword,
  [`POST ${paths.password}`]: takePassword,
  [`GET ${paths.security}`]: showSecurity,
  [`POST ${paths.security}`]: takeSecurity,
  'GET /auth/done': () => messagePage({ title: 'Signed in', text: 'You are signed in. You can close this page.' }),
  [`GET ${paths.error}`]: showError,
}

async function signOut(deps: WebDeps, request: Request, { from }: Here): Promise<Response> {
  const { auth, baseUrl } = deps
  assertOwnOrigin(request, baseUrl)
  const session = await webSession(deps, request)
  if (session) await noteSecurity(deps, { account: session.account, action: 'account.sign-out', origin: from })
  const { headers } = await auth.api.signOut({ headers: request.headers, returnHeaders: true })
  return redirect(paths.signIn, headers.getSetCookie())
}

/** Where better-auth sends a browser whose request it cannot answer to the client. Its text came in the URL: not shown. */
function showError(_: WebDeps, request: Request): Promise<Response> {
  const code = new URL(request.url).searchParams.get('error') ?? ''
  return messagePage({
    title: 'That did not work',
    text: `The program that sent you here asked for something that is not possible${/^\w{1,40}$/.test(code) ? ` (${code})` : ''}. Start the sign-in again there.`,
    status: 400,
  })
}
