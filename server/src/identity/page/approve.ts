// Approval of a device: shows what waits behind three words, and takes the decision of the person who looked at it.

import { SpoqError } from '@spoq/contracts/problem'
import { isAPIError } from 'better-auth/api'
import { approvePage, enterCodePage } from '../../web/approve.ts'
import { messagePage } from '../../web/message.ts'
import { redirect } from '../../web/page.ts'
import { limits, returnAttempt, takeAttempt } from '../attempt.ts'
import { paths } from '../auth.ts'
import { addressOf, assertOwnOrigin, fieldsOf, type Here, wantsPage } from '../request.ts'
import { normalizeUserCode } from '../user-code.ts'
import { type WebDeps, type WebSession, webSession } from '../web-session.ts'

/** GET `/auth/verify?code=…`: the words, the device, its address; for whoever is signed in, and claimed by them. */
export async function showApproval(deps: WebDeps, request: Request): Promise<Response> {
  const { searchParams } = new URL(request.url)
  const code = normalizeUserCode(searchParams.get('code') ?? searchParams.get('user_code') ?? '')
  const session = await webSession(deps, request)
  if (!session) {
    const next = code ? `${paths.verify}?${new URLSearchParams({ code })}` : paths.verify
    return redirect(`${paths.signIn}?${new URLSearchParams({ next })}`)
  }
  if (!code) return enterCodePage({ action: paths.verify, cookies: session.cookies })
  const waiting = await claim(deps, request, session, code)
  return approvePage({
    action: paths.decide,
    code,
    ...waiting,
    email: session.email,
    browserAddress: addressOf(request),
    cookies: session.cookies,
    minutesAgo: Math.max(0, Math.floor((deps.now() - waiting.at) / 60_000)),
  })
}

/** POST `/auth/authorize` with `code` and `decision`: a form from our page, or JSON with its cookie and our Origin. */
export async function takeDecision(deps: WebDeps, request: Request, { from }: Here): Promise<Response> {
  assertOwnOrigin(request, deps.baseUrl)
  const session = await webSession(deps, request)
  if (!session) throw new SpoqError('not_signed_in')
  const { code: typed = '', decision } = await fieldsOf(request)
  if (decision !== 'approve' && decision !== 'deny')
    throw new SpoqError('invalid_request', { message: 'decision: approve or deny is needed' })
  const code = normalizeUserCode(typed)
  const isYes = decision === 'approve'
  const waiting = await claim(deps, request, session, code)
  if (waiting.kind === 'ssh') {
    const { account } = session
    if (!(await deps.comers.decide({ account, words: code, isYes, origin: from }))) throw nothingWaits()
  } else {
    const decide = isYes ? deps.auth.api.deviceApprove : deps.auth.api.deviceDeny
    await decide({ body: { userCode: code }, headers: request.headers })
  }
  if (!wantsPage(request)) return Response.json({ code, status: isYes ? 'approved' : 'denied' })
  return messagePage({ title: isYes ? 'Approved' : 'Denied', text: said[waiting.kind][decision] })
}

const said = {
  device: {
    approve: 'The device is signed in. You can close this page.',
    deny: 'The device was not signed in. You can close this page.',
  },
  ssh: {
    approve: 'Press Enter in the terminal that shows the words. You can close this page.',
    deny: 'Nobody is let in. You can close this page.',
  },
}

/** What waits behind three words. */
type Claimed = { address: string; at: number } & (
  | { kind: 'device'; device: string }
  | { kind: 'ssh'; machine: string; profile: string | null }
)

/**
 * Makes the code this account's to decide and answers its client. Only wrong words count as tries.
 * @throws SpoqError `code_expired` for words that nothing waits behind, `rate_limited`, `forbidden` for another account's.
 */
async function claim(deps: WebDeps, request: Request, session: WebSession, code: string): Promise<Claimed> {
  const keys = [`address:${addressOf(request)}`, `account:${session.account}`]
  const wait = await takeAttempt(deps.db, limits.userCode, keys, deps.now())
  if (wait > 0)
    throw new SpoqError('rate_limited', { retryAfter: wait, message: 'Too many wrong codes.', next: `Wait ${wait} s.` })
  const comer = await deps.comers.find(session.account, code)
  const found = comer ? null : await lookUp(deps, request, code)
  await returnAttempt(deps.db, limits.userCode, keys)
  if (comer) return { kind: 'ssh', ...comer }
  if (!found?.client_id)
    throw new SpoqError('forbidden', { message: 'Another account has opened this sign-in already.' })
  if (found.status !== 'pending')
    throw new SpoqError('code_expired', { message: 'This sign-in was decided already.', next: 'Start it again.' })
  return { kind: 'device', ...(await waitingOf(deps, code, found.client_id)) }
}

async function lookUp(deps: WebDeps, request: Request, code: string): Promise<{ client_id?: string; status: string }> {
  try {
    const found = await deps.auth.api.deviceVerify({ query: { user_code: code }, headers: request.headers })
    return { status: found.status, ...(found.client_id ? { client_id: found.client_id } : {}) }
  } catch (error) {
    if (!isAPIError(error)) throw error
    throw nothingWaits()
  }
}

const nothingWaits = () =>
  new SpoqError('code_expired', {
    message: 'No sign-in waits behind these words, or it has expired.',
    next: 'Check the words, or start the sign-in again on the device.',
  })

async function waitingOf({ db }: WebDeps, code: string, client: string) {
  const grant = await db.selectFrom('login_grant').selectAll().where('user_code', '=', code).executeTakeFirst()
  const named = await db
    .selectFrom('auth_oauth_client')
    .select('name')
    .where('clientId', '=', client)
    .executeTakeFirst()
  return {
    device: named?.name ?? client,
    address: grant?.address ?? 'unknown',
    at: grant?.created_at.getTime() ?? 0,
  }
}
