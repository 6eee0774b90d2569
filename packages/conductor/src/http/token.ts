// Who stands behind a token at the edge. A Conductor holds public keys only: it can check tokens, never make them.

import type { ConductorConfig } from '@spoq/contracts/machine'
import { SpoqError } from '@spoq/contracts/problem'
import { createRemoteJWKSet, errors, type JWTPayload, jwtVerify } from 'jose'
import type { Caller } from './serve.ts'

/** A caller at the edge, and what the token lets it do. */
export interface EdgeCaller extends Caller {
  scopes: readonly string[]
}

/** Clocks of two computers differ by so much without anybody's fault. */
const toleranceSeconds = 5
const fetchPatienceMs = 5_000

/**
 * Answers a check of an `Authorization` header: the caller, or
 * @throws SpoqError `not_signed_in`, `token_expired`, `token_invalid` (401); `forbidden` (403) for a good token of another
 * machine or another account; `unavailable` (503) when the backend's keys cannot be had.
 */
export function tokenCheck(
  config: Pick<ConductorConfig, 'machine' | 'members' | 'issuer' | 'jwksUrl'>,
  now: () => number,
): (authorization: string | undefined) => Promise<EdgeCaller> {
  const keys = createRemoteJWKSet(new URL(config.jwksUrl), { timeoutDuration: fetchPatienceMs })

  return async authorization => {
    const [, token] = /^bearer +([\w.-]+)$/i.exec(authorization ?? '') ?? []
    if (!token) throw new SpoqError('not_signed_in')
    const claims = await verified(token)
    if (![claims.aud].flat().includes(config.machine))
      throw new SpoqError('forbidden', { message: 'The token is for another machine.' })
    if (!config.members.includes(claims.sub ?? ''))
      throw new SpoqError('forbidden', { message: 'The machine is not yours.' })
    return { by: `account:${claims.sub}`, scopes: String(claims.scope ?? '').split(' ') }
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
