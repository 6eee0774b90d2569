// The page that turns the second step on and off.

import { SpoqError } from '@spoq/contracts/problem'
import { isAPIError } from 'better-auth/api'
import { messagePage } from '../../web/message.ts'
import { redirect } from '../../web/page.ts'
import { totpBeginPage, totpConfirmPage } from '../../web/totp.ts'
import { assertTries, limits, returnAttempt } from '../attempt.ts'
import { paths } from '../auth.ts'
import { assertOwnOrigin, fieldsOf, type Here } from '../request.ts'
import { tellChanges } from '../security/change.ts'
import { type WebDeps, type WebSession, webSession } from '../web-session.ts'

export async function showTotp(deps: WebDeps, request: Request): Promise<Response> {
  const session = await webSession(deps, request)
  if (!session) return redirect(`${paths.signIn}?next=${paths.totp}`)
  return begin(deps, session)
}

/** `step`: begin and off take the password, confirm takes the first code. */
export async function takeTotp(deps: WebDeps, request: Request, { from }: Here): Promise<Response> {
  assertOwnOrigin(request, deps.baseUrl)
  const session = await webSession(deps, request)
  if (!session) throw new SpoqError('not_signed_in')
  const { step, password = '', code = '' } = await fieldsOf(request)
  const { headers } = request
  const asked = { headers, returnHeaders: true } as const
  if (step === 'confirm') {
    try {
      const turned = await deps.auth.api.verifyTOTP({ body: { code: code.replace(/\s/g, '') }, ...asked })
      await tellChanges(deps, session.account, from)
      return await messagePage({ title: 'The second step is on', text: done, cookies: turned.headers.getSetCookie() })
    } catch (error) {
      if (!isAPIError(error) || error.statusCode >= 500) throw error
      return totpConfirmPage({ action: paths.totp, error: 'The code is wrong. Try the next one.', status: 400 })
    }
  }
  const keys = [`address:${from.address}`, `account:${session.email}`]
  await assertTries(deps.db, limits.signIn, keys, deps.now())
  try {
    if (step === 'off') {
      const turned = await deps.auth.api.disableTwoFactor({ body: { password }, ...asked })
      await returnAttempt(deps.db, limits.signIn, keys)
      await tellChanges(deps, session.account, from)
      return await messagePage({
        title: 'The second step is off',
        text: 'Your password alone signs you in again.',
        cookies: turned.headers.getSetCookie(),
      })
    }
    const { totpURI = '', backupCodes = [] } = (await deps.auth.api.enableTwoFactor({
      body: { password },
      headers,
    })) as {
      totpURI?: string
      backupCodes?: string[]
    }
    await returnAttempt(deps.db, limits.signIn, keys)
    return await totpConfirmPage({ action: paths.totp, uri: totpURI, codes: backupCodes })
  } catch (error) {
    if (!isAPIError(error) || error.statusCode >= 500) throw error
    return begin(
      deps,
      session,
      'The password is wrong. An account without one sets it by “Forgot your password?” first.',
    )
  }
}

const done = 'From now on signing in asks for a code of your app as well.'

async function begin({ db }: WebDeps, { account, cookies }: WebSession, error?: string): Promise<Response> {
  const user = await db
    .selectFrom('auth_user')
    .select('twoFactorEnabled')
    .where('id', '=', account)
    .executeTakeFirstOrThrow()
  const said = error ? { error, status: 400 } : {}
  return totpBeginPage({ action: paths.totp, on: user.twoFactorEnabled ?? false, cookies, ...said })
}
