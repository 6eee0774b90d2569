// Who is signed in with this browser: better-auth's session cookie, 7 days idle, 30 days at most.

import { SpoqError } from '@spoq/contracts/problem'
import { isAPIError } from 'better-auth/api'
import type { Outbox } from '../mail/outbox.ts'
import { assertTries, limits, returnAttempt } from './attempt.ts'
import type { Auth } from './auth.ts'
import { addressOf } from './request.ts'
import type { IdentityDb } from './tables.ts'

const longestMs = 30 * 86_400_000

export interface WebDeps {
  auth: Auth
  db: IdentityDb
  baseUrl: string
  now: () => number
  /** Of the data folder: keys what is kept of codes and links. */
  secret: string
  mail: Pick<Outbox, 'put' | 'wake'>
  /** How long an access token lives. */
  accessTokenSeconds: number
}

export interface WebSession {
  account: string
  email: string
  /** Set-Cookie lines that go with the answer: an idle time that starts anew. */
  cookies: string[]
}

export interface NewSession {
  account: string
  email: string
  name: string
  cookies: string[]
}

/** The session of a request; null when nobody is signed in, or has been for too long. */
export async function webSession({ auth, db, now }: WebDeps, request: Request): Promise<WebSession | null> {
  const { headers, response } = await auth.api.getSession({ headers: request.headers, returnHeaders: true })
  if (!response) return null
  const { session, user } = response
  if (now() - new Date(session.createdAt).getTime() > longestMs) {
    await db.deleteFrom('auth_session').where('id', '=', session.id).execute()
    return null
  }
  return { account: user.id, email: user.email, cookies: headers.getSetCookie() }
}

/**
 * Signs in with a password. Wrong tries are counted for the address and for the account, known or not.
 * @throws SpoqError `wrong_password` (also for an e-mail that nobody has), `rate_limited`.
 */
export async function signIn(
  { auth, db, now }: WebDeps,
  request: Request,
  { email, password }: { email: string; password: string },
): Promise<NewSession> {
  const keys = [`address:${addressOf(request)}`, `account:${email.trim().toLowerCase()}`]
  await assertTries(db, limits.signIn, keys, now())
  try {
    const body = { email: email.trim(), password }
    const { headers, response } = await auth.api.signInEmail({ body, headers: request.headers, returnHeaders: true })
    await returnAttempt(db, limits.signIn, keys)
    return sessionOf(response.user, headers)
  } catch (error) {
    throw isRefusal(error) ? new SpoqError('wrong_password') : error
  }
}

/**
 * Makes an account and signs it in.
 * @throws SpoqError `email_taken`, `invalid_request`, `rate_limited`.
 */
export async function signUp(
  { auth, db, now }: WebDeps,
  request: Request,
  user: { email: string; name: string; password: string },
): Promise<NewSession> {
  await assertTries(db, limits.signUp, [`address:${addressOf(request)}`], now())
  return makeUser(auth, user, request.headers)
}

/** The same without a limit: for whoever has shown a secret already. */
export async function makeUser(
  auth: Auth,
  { email, name, password }: { email: string; name: string; password: string },
  from: Headers = new Headers(),
): Promise<NewSession> {
  try {
    const body = { email: email.trim(), name: name.trim() || email.trim(), password }
    const { headers, response } = await auth.api.signUpEmail({ body, headers: from, returnHeaders: true })
    return sessionOf(response.user, headers)
  } catch (error) {
    if (!isRefusal(error)) throw error
    if (String((error as { body?: { code?: string } }).body?.code).startsWith('USER_ALREADY_EXISTS'))
      throw new SpoqError('email_taken')
    throw new SpoqError('invalid_request', {
      message: 'That cannot be an account.',
      next: 'Give an e-mail address and a password of 8 to 128 characters.',
    })
  }
}

/** better-auth says no, as opposed to: something broke. */
const isRefusal = (error: unknown) => isAPIError(error) && error.statusCode < 500

const sessionOf = (user: { id: string; email: string; name: string }, headers: Headers): NewSession => ({
  account: user.id,
  email: user.email,
  name: user.name,
  cookies: headers.getSetCookie(),
})
