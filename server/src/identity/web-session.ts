// Who is signed in with this browser: better-auth's session cookie, 7 days idle, 30 days at most.

import { SpoqError } from '@spoq/contracts/problem'
import { isAPIError } from 'better-auth/api'
import type { From } from '../http/from.ts'
import { type Log, textOf } from '../log.ts'
import type { Outbox } from '../mail/outbox.ts'
import { assertTries, limits, returnAttempt } from './attempt.ts'
import type { Auth } from './auth.ts'
import { addressOf } from './request.ts'
import type { CredentialEnded } from './revocation.ts'
import { noteSecurity } from './security/note.ts'
import type { Social } from './social/plugin.ts'
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
  social: Social
  comers: Comers
  ended: CredentialEnded
  log?: Log | undefined
}

/** Who came to a gateway without a key, and waits for the owner of a machine to let them in. */
export interface Comers {
  /** Who waits behind these words for this account to decide; null: nobody. */
  find(account: string, words: string): Promise<WaitingComer | null>
  /** False when there is nothing for this account to decide any more. */
  decide(decision: { account: string; words: string; isYes: boolean; origin: From }): Promise<boolean>
}

export interface WaitingComer {
  machine: string
  /** Null: the usual one. */
  profile: string | null
  address: string
  /** Since when, in ms since 1970. */
  at: number
}

export interface WebSession {
  account: string
  /** Its id. */
  session: string
  email: string
  /** Set-Cookie lines that go with the answer: an idle time that starts anew. */
  cookies: string[]
}

/** The password is right, and a second step is to follow; the cookies know whose. */
export interface HalfSession {
  secondStep: true
  cookies: string[]
}

export interface NewSession {
  secondStep?: false
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
  return { account: user.id, session: session.id, email: user.email, cookies: headers.getSetCookie() }
}

/**
 * Signs in with a password. Wrong tries are counted for the address and for the account, known or not.
 * @throws SpoqError `wrong_password` (also for an e-mail that nobody has), `rate_limited`.
 */
export async function signIn(
  deps: WebDeps,
  request: Request,
  { email, password }: { email: string; password: string },
  from: From,
): Promise<NewSession | HalfSession> {
  const { auth, db, now } = deps
  const keys = [`address:${from.address}`, `account:${email.trim().toLowerCase()}`]
  await assertTries(db, limits.signIn, keys, now())
  try {
    const body = { email: email.trim(), password }
    const { headers, response } = await auth.api.signInEmail({ body, headers: request.headers, returnHeaders: true })
    await returnAttempt(db, limits.signIn, keys)
    if (!('user' in response) || !response.user) return { secondStep: true, cookies: headers.getSetCookie() }
    await noteSecurity(deps, { account: response.user.id, action: 'account.sign-in', origin: from })
    return sessionOf(response.user, headers)
  } catch (error) {
    if (!isRefusal(error)) throw error
    await noteFailure(deps, email, from)
    throw new SpoqError('wrong_password')
  }
}

/** A wrong password stands in the log of whoever has the address; where nobody has it, nowhere. */
async function noteFailure(deps: WebDeps, email: string, origin: From): Promise<void> {
  const user = await deps.db
    .selectFrom('auth_user')
    .select('id')
    .where('email', '=', email.trim().toLowerCase())
    .executeTakeFirst()
  if (!user) return
  const noted = { account: user.id, actor: 'anyone', action: 'account.sign-in-failed', origin }
  // Not waited for: the time of the answer would tell that there is such an account.
  void noteSecurity(deps, noted).catch(error => deps.log?.('error', 'security.failed', { error: textOf(error) }))
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
