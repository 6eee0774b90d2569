// Who stands behind a token at the edge. A Conductor holds public keys only: it can check tokens, never make them.

import type { ConductorConfig } from '@spoq/contracts/machine'
import { SpoqError } from '@spoq/contracts/problem'
import { createRemoteJWKSet, errors, type JWTPayload, jwtVerify } from 'jose'
import type { Caller } from './serve.ts'

/** A caller at the edge, and what the token lets it do. */
export interface EdgeCaller extends Caller {
  scopes: readonly string[]
  /** Whose token it is; null: the backend's own, which is no account's. */
  account: string | null
  /** The id of the login, the personal access token or the trust that the token came of. */
  credential: string | null
}

/** Clocks of two computers differ by so much without anybody's fault. */
const toleranceSeconds = 5
const fetchPatienceMs = 5_000

/**
 * Answers a check of an `Authorization` header: the caller, or
 * @throws SpoqError `not_signed_in`, `token_expired`, `token_invalid` (401); `forbidden` (403) for a good token of another
 * machine; `unavailable` (503) when the backend's keys cannot be had. Whether the caller may use this one, `access` says.
 */
export function tokenCheck(
  config: Pick<ConductorConfig, 'machine' | 'issuer' | 'jwksUrl'>,
  now: () => number,
): (authorization: string | undefined) => Promise<EdgeCaller> {
  const keys = createRemoteJWKSet(new URL(config.jwksUrl), { timeoutDuration: fetchPatienceMs })

  return async authorization => {
    const [, token] = /^bearer +([\w.-]+)$/i.exec(authorization ?? '') ?? []
    if (!token) throw new SpoqError('not_signed_in')
    const claims = await verified(token)
    if (![claims.aud].flat().includes(config.machine))
      throw new SpoqError('forbidden', { message: 'The token is for another machine.' })
    const scopes = String(claims.scope ?? '').split(' ')
    // An account's id is never an address, so that nobody can be taken for the backend by being called like it.
    if (claims.sub === config.issuer) return { by: 'backend', account: null, credential: null, scopes }
    const credential = [claims.login, claims.token, claims.trust].find(one => typeof one === 'string') ?? null
    return { by: `account:${claims.sub}`, account: claims.sub ?? '', credential, scopes }
  }

  async function verified(token: string): Promise<JWTPayload> {
    try {
      const { payload } = await jwtVerify(token, keys, {
        issuer: config.issuer,
        typ: 'at+jwt',
        algorithms: ['EdDSA', 'Ed25519'],
        clockTolerance: toleranceSeconds,
        currentDate: new Date(now()),
        requiredClaims: ['sub', 'aud', 'exp'],
      })
      return payload
    } catch (cause) {
      throw refusal(cause)
    }
  }
}

function refusal(cause: unknown): SpoqError {
  if (cause instanceof errors.JWTExpired) return new SpoqError('token_expired', { cause })
  if (isTokensFault(cause)) return new SpoqError('token_invalid', { cause })
  return new SpoqError('unavailable', {
    cause,
    message: "The backend's keys cannot be fetched, so no token can be checked.",
    retryAfter: 5,
  })
}

/** jose says by class what was wrong with a token; a plain JOSEError or a fetch failure is about the keys' address. */
function isTokensFault(cause: unknown): boolean {
  const aboutKeys = [errors.JWKSTimeout, errors.JWKSInvalid]
  if (aboutKeys.some(kind => cause instanceof kind)) return false
  return cause instanceof errors.JOSEError && cause.constructor !== errors.JOSEError
}
