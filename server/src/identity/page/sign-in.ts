// The sign-in and sign-up pages. Both lead on to where the person was going: an approval, most of the time.

import { SpoqError } from '@spoq/contracts/problem'
import { redirect } from '../../web/page.ts'
import { type SignForm, signInPage, signUpPage } from '../../web/sign-in.ts'
import { paths } from '../auth.ts'
import { assertOwnOrigin, fieldsOf, type Here, ownPath, wantsPage } from '../request.ts'
import { socialName } from '../social/provider.ts'
import { signIn, signUp, type WebDeps } from '../web-session.ts'
import { secondStepFor } from './second-step.ts'

/** What of an authorization request is taken up again after signing in; its signature is not. */
const authorization = [
  'response_type',
  'client_id',
  'redirect_uri',
  'scope',
  'state',
  'resource',
  'code_challenge',
  'code_challenge_method',
]

export const showSignIn = async (deps: WebDeps, request: Request) => signInPage(formFor(deps, request, 'signIn'))
export const showSignUp = async (deps: WebDeps, request: Request) => signUpPage(formFor(deps, request, 'signUp'))

/** The sign-in page with what was wrong with another way in; programs get the problem alone. */
export async function signInWith(
  deps: WebDeps,
  request: Request,
  next: string,
  error: unknown,
  cookies: string[] = [],
): Promise<Response> {
  if (!(error instanceof SpoqError) || !wantsPage(request)) throw error
  return shown(signInPage, { ...form(deps, 'signIn', next), cookies }, error)
}

/** Takes the sign-in form. */
export async function takeSignIn(deps: WebDeps, request: Request, { from }: Here): Promise<Response> {
  assertOwnOrigin(request, deps.baseUrl)
  const { email = '', password = '', next } = await fieldsOf(request)
  return again(deps, 'signIn', signInPage, { email, next }, () => signIn(deps, request, { email, password }, from))
}

/** Takes the sign-up form. */
export async function takeSignUp(deps: WebDeps, request: Request): Promise<Response> {
  assertOwnOrigin(request, deps.baseUrl)
  const { email = '', name = '', password = '', next } = await fieldsOf(request)
  return again(deps, 'signUp', signUpPage, { email, name, next }, () =>
    signUp(deps, request, { email, name, password }),
  )
}

/** Goes on when it worked; else shows the form again with what was typed and what was wrong. */
async function again(
  deps: WebDeps,
  kind: 'signIn' | 'signUp',
  show: (form: SignForm) => Promise<Response>,
  { next: wanted, ...typed }: { email: string; name?: string; next?: string | undefined },
  act: () => Promise<{ cookies: string[]; secondStep?: boolean }>,
): Promise<Response> {
  const next = ownPath(wanted, deps.baseUrl)
  try {
    const { cookies, secondStep } = await act()
    return redirect(secondStep ? secondStepFor(next) : next, cookies)
  } catch (error) {
    if (!(error instanceof SpoqError)) throw error
    return shown(show, { ...form(deps, kind, next), ...typed }, error)
  }
}

async function shown(show: (form: SignForm) => Promise<Response>, form: SignForm, error: SpoqError): Promise<Response> {
  const { message, next, status, retryAfter } = error
  const response = await show({ ...form, error: `${message} ${next}`, status })
  if (retryAfter) response.headers.set('retry-after', String(retryAfter))
  return response
}

function formFor(deps: WebDeps, request: Request, kind: 'signIn' | 'signUp'): SignForm {
  const { searchParams } = new URL(request.url)
  const wanted = searchParams.has('sig') ? authorizePath(searchParams) : searchParams.get('next')
  return form(deps, kind, ownPath(wanted, deps.baseUrl))
}

function form({ social }: WebDeps, kind: 'signIn' | 'signUp', next: string): SignForm {
  const other = kind === 'signIn' ? paths.signUp : paths.signIn
  const query = new URLSearchParams({ next })
  const services = social.providers.map(({ id }) => ({ name: socialName[id], href: `${paths.social}/${id}?${query}` }))
  return { action: paths[kind], next, forgot: paths.forgot, other: `${other}?${query}`, services }
}

function authorizePath(asked: URLSearchParams): string {
  const kept = authorization.flatMap(name => asked.getAll(name).map((value): [string, string] => [name, value]))
  return `${paths.authorize}?${new URLSearchParams(kept)}`
}
