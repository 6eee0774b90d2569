// The second step of signing in: a code of the authenticator app, or a recovery code.

import { SpoqError } from '@spoq/contracts/problem'
import { isAPIError } from 'better-auth/api'
import { redirect } from '../../web/page.ts'
import { secondStepPage } from '../../web/totp.ts'
import { assertTries, limits } from '../attempt.ts'
import { paths } from '../auth.ts'
import { assertOwnOrigin, fieldsOf, type Here, ownPath } from '../request.ts'
import { noteSecurity } from '../security/note.ts'
import { recoveryHash } from '../totp/plugin.ts'
import type { WebDeps } from '../web-session.ts'

/** Where the second step is asked for, before going on to `next`. */
export const secondStepFor = (next: string) => `${paths.secondStep}?${new URLSearchParams({ next })}`

export async function showSecondStep(deps: WebDeps, request: Request): Promise<Response> {
  const next = ownPath(new URL(request.url).searchParams.get('next'), deps.baseUrl)
  return secondStepPage({ action: paths.secondStep, next })
}

/** Takes the code; the session begins here. */
export async function takeSecondStep(deps: WebDeps, request: Request, { from }: Here): Promise<Response> {
  assertOwnOrigin(request, deps.baseUrl)
  const { code = '', next: wanted } = await fieldsOf(request)
  const next = ownPath(wanted, deps.baseUrl)
  try {
    await assertTries(deps.db, limits.secondStep, [from.address], deps.now())
    const { account, cookies, recovery } = await check(deps, request, code)
    await noteSecurity(deps, { account, action: 'account.sign-in', origin: from, reason: 'with a second step' })
    if (recovery) await noteSecurity(deps, { account, action: 'totp.recovery', origin: from })
    return redirect(next, cookies)
  } catch (error) {
    const { message, next: todo, status } = refusalOf(error)
    return secondStepPage({ action: paths.secondStep, next, error: `${message} ${todo}`, status })
  }
}

async function check({ auth }: WebDeps, request: Request, typed: string) {
  const { headers } = request
  const code = typed.replace(/[\s]/g, '')
  const recovery = !/^\d{6}$/.test(code)
  const verified = recovery
    ? await auth.api.verifyBackupCode({ body: { code: recoveryHash(code) }, headers, returnHeaders: true })
    : await auth.api.verifyTOTP({ body: { code }, headers, returnHeaders: true })
  return { account: verified.response.user.id, cookies: verified.headers.getSetCookie(), recovery }
}

function refusalOf(error: unknown): SpoqError {
  if (error instanceof SpoqError) return error
  if (!isAPIError(error) || error.statusCode >= 500) throw error
  switch (String((error as { body?: { code?: string } }).body?.code)) {
    case 'INVALID_TWO_FACTOR_COOKIE':
    case 'TOO_MANY_ATTEMPTS_REQUEST_NEW_CODE':
      return new SpoqError('code_expired', {
        message: 'This sign-in is over.',
        next: 'Start it again.',
      })
    case 'ACCOUNT_TEMPORARILY_LOCKED':
      return new SpoqError('rate_limited', { message: 'Too many wrong codes.', next: 'Wait 15 minutes.' })
    default:
      return new SpoqError('code_wrong', { next: 'Wait for the next one in your app, or use a recovery code.' })
  }
}
