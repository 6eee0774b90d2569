// Access tokens as this backend itself takes them: signature, issuer, audience, time, and that what they came of still
// stands: a login, or a trust in a repository's jobs.

import { type ErrorCode, SpoqError } from '@spoq/contracts/problem'
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

interface Signed {
  issuer: string
  now: () => number
  jwks: () => Promise<JSONWebKeySet>
}

interface Deps extends Signed {
  /** Whether a login was not ended; notes that it was used. */
  isAlive: (login: string) => Promise<boolean>
  /** What stands behind a trust that was not removed. */
  findTrust: (trust: string) => Promise<LimitedToken | undefined>
}

/**
 * Makes the one check of tokens whose audience is this backend.
 * It throws SpoqError `token_expired`, `token_invalid`, `login_revoked`.
 */
export function accessTokenCheck({ isAlive, findTrust, ...signed }: Deps): (token: string) => Promise<AccessToken> {
  const payloadOf = payloadCheck(signed)
  return async token => {
    const { sub, client_id, login, trust, scope, exp } = await payloadOf(token, signed.issuer)
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

/** Whose machine token it is, and what it came of; account null: this backend's own. */
export interface MachineCaller {
  account: string | null
  credential: string | null
}

/**
 * Makes the check of tokens for machines, as machines make it themselves: signature, issuer, audience and time.
 * It throws SpoqError `token_expired`, `token_invalid`, `forbidden` for one of another machine.
 */
export function machineTokenCheck(signed: Signed): (token: string, machine: string) => Promise<MachineCaller> {
  const payloadOf = payloadCheck(signed, 'forbidden')
  return async (token, machine) => {
    const { sub, login, token: personal, trust } = await payloadOf(token, machine)
    const credential = [login, personal, trust].find(one => typeof one === 'string') ?? null
    return { account: sub === signed.issuer ? null : (sub ?? ''), credential }
  }
}

/** `elsewhere`: what a good token for another audience is. */
function payloadCheck(
  { issuer, now, jwks }: Signed,
  elsewhere: ErrorCode = 'token_invalid',
): (token: string, audience: string) => Promise<JWTPayload> {
  let keys: ReturnType<typeof createLocalJWKSet> | undefined
  const payloadOf = async (token: string, audience: string, again = false): Promise<JWTPayload> => {
    keys ??= createLocalJWKSet(await jwks())
    try {
      const options = { issuer, audience, typ: 'at+jwt', algorithms: ['EdDSA'], currentDate: new Date(now()) }
      return (await jwtVerify(token, keys, options)).payload
    } catch (error) {
      if (isElsewhere(error)) throw new SpoqError(elsewhere)
      if (!(error instanceof errors.JWKSNoMatchingKey) || again) throw problemOf(error)
      keys = undefined
      return payloadOf(token, audience, true)
    }
  }
  return (token, audience) => payloadOf(token, audience)
}

const isElsewhere = (error: unknown) => error instanceof errors.JWTClaimValidationFailed && error.claim === 'aud'

function problemOf(error: unknown): unknown {
  if (error instanceof errors.JWTExpired) return new SpoqError('token_expired')
  if (error instanceof errors.JOSEError) return new SpoqError('token_invalid')
  return error
}
