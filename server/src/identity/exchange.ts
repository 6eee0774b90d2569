// RFC 8693: a login's access token for the backend is exchanged for one that opens a single machine of that account.

import { randomBytes } from 'node:crypto'
import type { OAuthExtensionGrantHandler } from '@better-auth/oauth-provider'
import { oauth } from '@spoq/contracts/login'
import { SpoqError } from '@spoq/contracts/problem'
import { APIError } from 'better-auth/api'
import { type JwtOptions, signJWT } from 'better-auth/plugins'
import * as z from 'zod/mini'
import type { AccessToken } from './access-token.ts'

const longest = 3_600

const exchange = z.object({
  subject_token: z.string(),
  subject_token_type: z.literal(oauth.accessTokenType),
  requested_token_type: z.optional(z.literal(oauth.accessTokenType)),
  audience: z.string(),
})

export interface ExchangeDeps {
  /** Lifetime of tokens, in seconds; a machine's is an hour at most. */
  accessTokenSeconds: number
  ownsMachine(account: string, machine: string): Promise<boolean>
  /** @throws SpoqError as `authenticate` does. */
  verify(token: string): Promise<AccessToken>
}

/** The grant's handler, called by better-auth's token endpoint. */
export function tokenExchange(deps: ExchangeDeps): OAuthExtensionGrantHandler {
  return async ({ ctx, provider }) => {
    const request = exchange.safeParse(ctx.body)
    if (!request.success) throw refused('invalid_request', 'subject_token, subject_token_type and audience are needed')
    const { client } = await provider.authenticateClient({ requireCredentials: false })
    const subject = await subjectOf(deps, request.data.subject_token)
    if (subject.client !== client.clientId) throw refused('invalid_request', 'the subject_token is of another client')
    if (!subject.scope.includes('machine')) throw refused('invalid_scope', 'the login may not use machines')
    const machine = request.data.audience
    if (!(await deps.ownsMachine(subject.account, machine)))
      throw refused('invalid_target', 'there is no such machine among yours')

    const iat = Math.floor(Date.now() / 1_000)
    const exp = iat + Math.min(deps.accessTokenSeconds, longest)
    const jwtOptions = ctx.context.getPlugin('jwt')?.options as JwtOptions
    const access_token = await signJWT(ctx, {
      options: jwtOptions,
      header: { typ: 'at+jwt' },
      payload: {
        sub: subject.account,
        aud: machine,
        client_id: client.clientId,
        login: subject.login,
        scope: 'machine',
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
      scope: 'machine',
      refresh_token: undefined,
      id_token: undefined,
    })
  }
}

/** RFC 8693 has one code for every fault of a subject token; `code` says more to our own CLI. */
async function subjectOf(deps: ExchangeDeps, token: string): Promise<AccessToken> {
  try {
    return await deps.verify(token)
  } catch (error) {
    if (error instanceof SpoqError) throw refused('invalid_request', error.message, error.code)
    throw error
  }
}

function refused(error: string, error_description: string, code?: string): APIError {
  return new APIError('BAD_REQUEST', { error, error_description, ...(code ? { code } : {}) })
}
