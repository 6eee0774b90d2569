// The ID token of a GitHub Actions job (OIDC): whose job it is, by GitHub's signature.

import { SpoqError } from '@spoq/contracts/problem'
import { gitRef, repositoryId } from '@spoq/contracts/trust'
import { createRemoteJWKSet, errors, jwtVerify } from 'jose'
import * as z from 'zod/mini'

export const githubOidcUrl = 'https://token.actions.githubusercontent.com'

/** What we read of its claims. Names of repositories and owners change hands: none is compared. */
const claims = z.object({
  jti: z.string().check(z.minLength(1), z.maxLength(200)),
  exp: z.number(),
  repository_id: repositoryId,
  ref: z.string(),
  event_name: z.string(),
  run_id: z._default(z.string(), 'unknown'),
})
export type JobClaims = z.infer<typeof claims>

interface Deps {
  /** Where GitHub's issuer is; another address stands in for it, keys and all. */
  url: string
  /** This backend: a token that the job had made for somebody else is not for us. */
  audience: string
  now: () => number
}

/**
 * Makes the check of jobs' tokens; GitHub's keys are fetched once and kept.
 * It throws SpoqError `token_invalid`, `token_expired`, `trust_missing` for jobs that nobody can trust, `unavailable`.
 */
export function jobTokenCheck({ url, audience, now }: Deps): (token: string) => Promise<JobClaims> {
  const keys = createRemoteJWKSet(new URL(`${url}/.well-known/jwks`), { timeoutDuration: 5_000 })
  return async token => {
    const job = claims.safeParse(await verified(token))
    if (!job.success) throw new SpoqError('token_invalid', { message: "A claim of the job's token is missing." })
    assertOwnCode(job.data)
    return job.data
  }

  async function verified(token: string) {
    try {
      const issuer = [...new Set([url, githubOidcUrl])]
      const options = { issuer, audience, algorithms: ['RS256'], clockTolerance: 5, currentDate: new Date(now()) }
      return (await jwtVerify(token, keys, { ...options, requiredClaims: ['exp', 'iat', 'jti'] })).payload
    } catch (cause) {
      throw refusal(cause)
    }
  }
}

/** In a pull request somebody else's code runs, under `pull_request_target` even with the ref of our own branch. */
function assertOwnCode({ ref, event_name }: JobClaims): void {
  if (event_name.startsWith('pull_request') || !gitRef.safeParse(ref).success)
    throw new SpoqError('trust_missing', { message: `Jobs of ${event_name} on ${ref.slice(0, 100)} get no token.` })
}

function refusal(cause: unknown): SpoqError {
  if (cause instanceof errors.JWTExpired) return new SpoqError('token_expired', { cause })
  const aboutKeys = cause instanceof errors.JWKSTimeout || cause instanceof errors.JWKSInvalid
  if (cause instanceof errors.JOSEError && !aboutKeys && cause.constructor !== errors.JOSEError)
    return new SpoqError('token_invalid', { cause, message: 'The token is not one of a GitHub Actions job for us.' })
  return new SpoqError('unavailable', { cause, message: "GitHub's keys cannot be fetched just now.", retryAfter: 5 })
}
