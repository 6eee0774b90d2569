// Access tokens as this backend itself takes them: signature, issuer, audience, time, and that the login still stands.

import { SpoqError } from '@spoq/contracts/problem'
import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTPayload, jwtVerify } from 'jose'

/** What a verified token says. */
export interface AccessToken {
  account: string
  client: string
  login: string
  scope: string[]
}

interface Deps {
  issuer: string
  now: () => number
  jwks: () => Promise<JSONWebKeySet>
  /** Whether a login was not ended; notes that it was used. */
  isAlive: (login: string) => Promise<boolean>
}

/**
 * Makes the one check of tokens whose audience is this backend.
 * It throws SpoqError `token_expired`, `token_invalid`, `login_revoked`.
 */
export function accessTokenCheck({ issuer, now, jwks, isAlive }: Deps): (token: string) => Promise<AccessToken> {
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
    const { sub, client_id, login, scope } = await payloadOf(token, false)
    if (!sub || typeof client_id !== 'string' || typeof login !== 'string') throw new SpoqError('token_invalid')
    if (!(await isAlive(login))) throw new SpoqError('login_revoked')
    return { account: sub, client: client_id, login, scope: String(scope ?? '').split(' ') }
  }
}

function problemOf(error: unknown): unknown {
  if (error instanceof errors.JWTExpired) return new SpoqError('token_expired')
  if (error instanceof errors.JOSEError) return new SpoqError('token_invalid')
  return error
}
