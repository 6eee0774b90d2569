// RFC 8693: what somebody has is exchanged for what opens a single machine of that account. What one can have: a login's
// access token, a personal access token, a trusted job's token, or a GitHub Actions job's ID token, which is also
// exchanged for a token of this backend.

import { randomBytes } from 'node:crypto'
import type { OAuthExtensionGrantHandler } from '@better-auth/oauth-provider'
import { oauth } from '@spoq/contracts/login'
import { SpoqError } from '@spoq/contracts/problem'
import { machineScopes } from '@spoq/contracts/token'
import { APIError } from 'better-auth/api'
import { signJWT } from 'better-auth/plugins'
import * as z from 'zod/mini'
import type { AccessToken } from './access-token.ts'
import { addressOf } from './request.ts'
import type { SigningKey } from './signing-key.ts'

const longest = 3_600

const exchange = z.object({
  subject_token: z.string(),
  subject_token_type: z.enum([oauth.accessTokenType, oauth.idTokenType]),
  requested_token_type: z.optional(z.literal(oauth.accessTokenType)),
  audience: z.string(),
  /** Which trust a job means, where several fit. */
  trust: z.optional(z.string()),
})
type Exchange = z.infer<typeof exchange>

export interface ExchangeDeps {
  /** This backend, as an audience. */
  baseUrl: string
  /** Lifetime of tokens, in seconds; a machine's is an hour at most. */
  accessTokenSeconds: number
  signingKey: SigningKey
  ownsMachine(account: string, machine: string): Promise<boolean>
  /** @throws SpoqError as `authenticate` does. */
  verify(token: string, from: string): Promise<AccessToken>
  /** @throws SpoqError as `acceptJob` does. */
  acceptJob(token: string, trust: string | undefined): Promise<AccessToken>
}

/** The grant's handler, called by better-auth's token endpoint. */
export function tokenExchange(deps: ExchangeDeps): OAuthExtensionGrantHandler {
  return async ({ ctx, provider }) => {
    const request = exchange.safeParse(ctx.body)
    if (!request.success) throw refused('invalid_request', 'subject_token, subject_token_type and audience are needed')
    const { client } = await provider.authenticateClient({ requireCredentials: false })
    const subject = await subjectOf(deps, request.data, ctx.request ? addressOf(ctx.request) : 'unknown')
    if (subject.client !== null && subject.client !== client.clientId)
      throw refused('invalid_request', 'the subject_token is of another client')
    const { aud, scope } = await targetOf(deps, request.data, subject)

    const iat = Math.floor(Date.now() / 1_000)
    const latest = iat + Math.min(deps.accessTokenSeconds, longest)
    const exp = subject.limited ? Math.min(latest, Math.floor(subject.expiresAt / 1_000)) : latest
    const access_token = await signJWT(ctx, {
      ...(await deps.signingKey(ctx.context as never)),
      header: { typ: 'at+jwt' },
      payload: {
        sub: subject.account,
        aud,
        client_id: client.clientId,
        ...(subject.limited ? { [subject.limited.kind]: subject.limited.id } : { login: subject.login }),
        scope,
        iat,
        exp,
        jti: randomBytes(16).toString('base64url'),
      },
    })
    return ctx.json({
      access_token,
      issued_token_type: oauth.accessTokenType,
      token_type: 'Bearer',
      expires_in: exp - iat,
      expires_at: exp,
      scope,
      refresh_token: undefined,
      id_token: undefined,
    })
  }
}

/** What the token is for, and what of the subject's scopes it carries there. */
async function targetOf(deps: ExchangeDeps, { audience, subject_token_type }: Exchange, subject: AccessToken) {
  if (audience === deps.baseUrl && subject_token_type === oauth.idTokenType)
    return { aud: audience, scope: subject.scopes.join(' ') }
  const scope = machineScopes.filter(one => subject.scopes.includes(one)).join(' ')
  if (scope === '') throw refused('invalid_scope', 'the token may not use machines', 'scope_missing')
  const isAnother = subject.limited?.machine && subject.limited.machine !== audience
  if (isAnother || !(await deps.ownsMachine(subject.account, audience)))
    throw refused('invalid_target', 'there is no such machine among yours')
  return { aud: audience, scope }
}

/** RFC 8693 has one code for every fault of a subject token; `code` says more to our own CLI. */
async function subjectOf(deps: ExchangeDeps, asked: Exchange, from: string): Promise<AccessToken> {
  try {
    if (asked.subject_token_type === oauth.idTokenType) return await deps.acceptJob(asked.subject_token, asked.trust)
    return await deps.verify(asked.subject_token, from)
  } catch (error) {
    if (!(error instanceof SpoqError)) throw error
    throw refused(
      error.code === 'unavailable' ? 'temporarily_unavailable' : 'invalid_request',
      error.message,
      error.code,
    )
  }
}

function refused(error: string, error_description: string, code?: string): APIError {
  const status = code === 'unavailable' ? 'SERVICE_UNAVAILABLE' : 'BAD_REQUEST'
  return new APIError(status, { error, error_description, ...(code ? { code } : {}) })
}
