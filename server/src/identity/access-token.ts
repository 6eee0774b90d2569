// Access tokens as this backend itself takes them: signature, issuer, audience, time, and that what they came of still
// stands: a login, or a trust in a repository's jobs.

import { SpoqError } from '@spoq/contracts/problem'
import { type Scope, scopes, scopesOfLogin } from '@spoq/contracts/token'
import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTPayload, jwtVerify } from 'jose'

/** What a verified token says. */
export interface AccessToken {
  account: string
  /** The OAuth client it was issued to; null for a personal access token, which has none. */
  client: string | null
  login: string | null
  scopes: readonly Scope[]
  /** Milliseconds since 1970. */
  expiresAt: number
  /** What is not a login. */
  limited: LimitedToken | null
}

export interface LimitedToken {
  kind: 'token' | 'trust'
  id: string
  name: string
  /** The one machine it is for. */
  machine: string | null
}

interface Deps {
  issuer: string
  now: () => number
  jwks: () => Promise<JSONWebKeySet>
  /** Whether a login was not ended; notes that it was used. */
  isAlive: (login: string) => Promise<boolean>
  /** What stands behind a trust that was not removed. */
  findTrust: (trust: string) => Promise<LimitedToken | undefined>
}

/**
 * Makes the one check of tokens whose audience is this backend.
 * It throws SpoqError `token_expired`, `token_invalid`, `login_revoked`.
 */
export function accessTokenCheck({
  issuer,
  now,
  jwks,
  isAlive,
  findTrust,
}: Deps): (token: string) => Promise<AccessToken> {
  let keys: ReturnType<typeof createLocalJWKSet> | undefined
  const payloadOf = async (token: string, again: boolean): Promise<JWTPayload> => {
    keys ??= createLocalJWKSet(await jwks())
    try {
      const options = { issuer, audience: issuer, typ: 'at+jwt', algorithms: ['EdDSA'], currentDate: new Date(now()) }
      return (await jwtVerify(token, keys, options)).payload
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey) || again) throw problemOf(error)
      keys = undefined
      return payloadOf(token, true)
    }
  }
  return async token => {
    const { sub, client_id, login, trust, scope, exp } = await payloadOf(token, false)
    if (!sub || typeof client_id !== 'string' || !exp) throw new SpoqError('token_invalid')
    const common = { account: sub, client: client_id, expiresAt: exp * 1_000 }
    const words = String(scope ?? '').split(' ')
    if (typeof login === 'string') {
      if (!(await isAlive(login))) throw new SpoqError('login_revoked')
      return { ...common, login, scopes: words.flatMap(word => scopesOfLogin[word] ?? []), limited: null }
    }
    const limited = typeof trust === 'string' ? await findTrust(trust) : undefined
    if (!limited) throw new SpoqError('token_invalid')
    return { ...common, login: null, scopes: scopes.filter(known => words.includes(known)), limited }
  }
}

function problemOf(error: unknown): unknown {
  if (error instanceof errors.JWTExpired) return new SpoqError('token_expired')
  if (error instanceof errors.JOSEError) return new SpoqError('token_invalid')
  return error
}
