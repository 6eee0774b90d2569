// Signing in with another service, and connecting an account to one: there and back again.

import { SpoqError } from '@spoq/contracts/problem'
import { findAccount } from '../../account/store.ts'
import { messagePage } from '../../web/message.ts'
import { redirect } from '../../web/page.ts'
import { assertTries, limits } from '../attempt.ts'
import { basePath, paths } from '../auth.ts'
import { assertOwnOrigin, fieldsOf, type Here, ownPath, wantsPage } from '../request.ts'
import { isSocialId, refused, type SocialId, type SocialProvider, socialName } from '../social/provider.ts'
import { refusalFor } from '../social/refusal.ts'
import { unlink } from '../social/ways.ts'
import { type WebDeps, webSession } from '../web-session.ts'
import { secondStepFor } from './second-step.ts'
import { securityWith } from './security.ts'
import { signInWith } from './sign-in.ts'

type Route = (deps: WebDeps, request: Request, here: Here) => Promise<Response>

/** GET `/auth/github?next=…` and where the service sends the browser back to, of each that is set up. */
export const socialRoutes = (providers: SocialProvider[]): Record<string, Route> =>
  Object.fromEntries(
    providers.flatMap(({ id, redirectUri }): [string, Route][] => [
      [`GET ${paths.social}/${id}`, (...asked) => beginSignIn(id, ...asked)],
      [`GET ${new URL(redirectUri).pathname}`, (deps, request) => comeBack(id, deps, request)],
    ]),
  )

async function beginSignIn(id: SocialId, deps: WebDeps, request: Request, { from }: Here): Promise<Response> {
  const next = ownPath(new URL(request.url).searchParams.get('next'), deps.baseUrl)
  try {
    await assertTries(deps.db, limits.social, [from.address], deps.now())
    const { headers, response } = await deps.auth.api.signInSocial({
      body: { provider: id, ...returning(deps, next, { next }) },
      headers: request.headers,
      returnHeaders: true,
    })
    if (!response.url) throw refused(id, new Error('better-auth made no address'))
    return redirect(response.url, headers.getSetCookie())
  } catch (error) {
    return signInWith(deps, request, next, error)
  }
}

/** POST `/account/security`: `step` connect or disconnect, of a `service`. */
export async function takeSecurity(deps: WebDeps, request: Request, { from }: Here): Promise<Response> {
  assertOwnOrigin(request, deps.baseUrl)
  const session = await webSession(deps, request)
  if (!session) throw new SpoqError('not_signed_in')
  const { step, service = '' } = await fieldsOf(request)
  try {
    const provider = deps.social.providers.find(({ id }) => id === service)
    if (step === 'disconnect' && isSocialId(service)) await unlink(deps, session.account, service, from)
    else if (step === 'connect' && provider) return await beginLink(provider.id, deps, request, session.account)
    else throw new SpoqError('invalid_request', { message: 'step: connect or disconnect of a service is needed' })
    return redirect(paths.security, session.cookies)
  } catch (error) {
    return securityWith(deps, request, session, error)
  }
}

async function beginLink(id: SocialId, deps: WebDeps, request: Request, account: string): Promise<Response> {
  // Whoever signed up with another's address must not have a way in that stays when its owner takes the account.
  if (!(await findAccount(deps.db, account))?.emailVerified)
    throw new SpoqError('email_unverified', {
      next: `Verify it at ${paths.verifyEmail}, then connect ${socialName[id]}.`,
    })
  const { headers, response } = await deps.auth.api.linkSocialAccount({
    body: { provider: id, ...returning(deps, paths.security, { flow: 'link' }) },
    headers: request.headers,
    returnHeaders: true,
  })
  const text = `You are led on to ${socialName[id]}.`
  const page = await messagePage({ title: 'One moment', text, link: response.url, cookies: headers.getSetCookie() })
  // Not a redirect: a policy on forms would hold every host on the way to its list, and a company's sign-in has many.
  page.headers.set('refresh', `0; url=${response.url}`)
  return page
}

const returning = ({ baseUrl }: WebDeps, next: string, failed: Record<string, string>) => ({
  callbackURL: `${baseUrl}${next}`,
  errorCallbackURL: `${baseUrl}${paths.error}?${new URLSearchParams(failed)}`,
  disableRedirect: true,
})

/** The service sent the browser back, with a code or with a no. */
async function comeBack(id: SocialId, deps: WebDeps, request: Request): Promise<Response> {
  const { search } = new URL(request.url)
  const asked = new Request(`${deps.baseUrl}${basePath}/callback/${id}${search}`, { headers: request.headers })
  const { result: answer, failure } = await deps.social.watch(() => deps.auth.handler(asked))
  // Of what broke, the app says more than better-auth.
  if (answer.status >= 500) return answer
  const cookies = answer.headers.getSetCookie()
  const to = new URL(answer.headers.get('location') ?? paths.error, deps.baseUrl)
  if (to.pathname !== paths.error || to.origin !== deps.baseUrl) {
    const next = ownPath(`${to.pathname}${to.search}`, deps.baseUrl)
    return redirect((await isHalf(answer)) ? secondStepFor(next) : next, cookies)
  }
  const error = failure ?? refusalFor(id, to.searchParams.get('error') ?? '')
  if (failure) deps.log?.('warn', 'social.failed', { service: id, error: String(failure.cause ?? failure.message) })
  if (to.searchParams.get('flow') !== 'link' || !wantsPage(request))
    return signInWith(deps, request, ownPath(to.searchParams.get('next'), deps.baseUrl), error, cookies)
  const session = await webSession(deps, request)
  return session
    ? securityWith(deps, request, session, error)
    : signInWith(deps, request, paths.security, error, cookies)
}

/** A second step is to follow: better-auth has ended the session again, and says so beside its redirect. */
async function isHalf(answer: Response): Promise<boolean> {
  const text = await answer.text()
  return text.startsWith('{') && (JSON.parse(text) as { twoFactorRedirect?: boolean }).twoFactorRedirect === true
}
