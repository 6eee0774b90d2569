// The server's OAuth side: its metadata, a client for this login, and its errors in our words. All of the protocol is
// openid-client's.

import { hostname, userInfo } from 'node:os'
import { oauth } from '@spoq/contracts/login'
import { type ErrorCode, errorCodes, SpoqError } from '@spoq/contracts/problem'
import * as client from 'openid-client'
import { isThisComputer } from './server.ts'

export type OAuth = client.Configuration

/** Tokens of a login, as they are kept. */
export interface Tokens {
  accessToken: string
  /** Milliseconds since 1970, by this computer's clock. */
  expiresAt: number
  refreshToken: string
}

/**
 * Reads the metadata of a server, for a client that is registered there.
 * @throws SpoqError `server_unknown`, `server_not_spoq`
 */
export function discover(server: string, clientId: string): Promise<OAuth> {
  const options = optionsFor(server)
  return inOurWords(server, () => client.discovery(metadataUrl(server), clientId, undefined, client.None(), options))
}

/**
 * Registers a client for one login, named after this computer.
 * @param redirectUri where a browser comes back to; none for the device flow
 */
export function register(server: string, redirectUri?: string): Promise<OAuth> {
  const metadata = {
    client_name: `${userInfo().username}@${hostname()}`,
    token_endpoint_auth_method: 'none',
    grant_types: redirectUri ? ['authorization_code', 'refresh_token'] : [oauth.deviceGrant, 'refresh_token'],
    ...(redirectUri ? { redirect_uris: [redirectUri], response_types: ['code'] } : {}),
  }
  const options = optionsFor(server)
  return inOurWords(server, () =>
    client.dynamicClientRegistration(metadataUrl(server), metadata, client.None(), options),
  )
}

/** What a token answer holds, to be kept. */
export function tokensOf(answer: client.TokenEndpointResponse, now: number, refreshToken?: string): Tokens {
  const kept = answer.refresh_token ?? refreshToken
  if (!kept) throw new SpoqError('server_not_spoq', { message: 'The server gave no refresh token.' })
  return { accessToken: answer.access_token, expiresAt: expiryOf(answer, now), refreshToken: kept }
}

/** When an access token ends, by this computer's clock. */
export const expiryOf = (answer: client.TokenEndpointResponse, now: number) => now + (answer.expires_in ?? 300) * 1000

/** Runs a step of the protocol; its errors become ours. */
export async function inOurWords<T>(server: string, step: () => Promise<T>, words: Words = {}): Promise<T> {
  try {
    return await step()
  } catch (error) {
    throw translated(server, error, words)
  }
}

/** What an OAuth error means in this place. */
type Words = Partial<Record<string, ErrorCode>>

const everywhere: Words = {
  access_denied: 'code_denied',
  expired_token: 'code_expired',
  slow_down: 'rate_limited',
  temporarily_unavailable: 'unavailable',
}

function translated(server: string, error: unknown, words: Words): unknown {
  if (error instanceof SpoqError || (error as Error).name === 'AbortError') return error
  if (error instanceof client.ResponseBodyError || error instanceof client.AuthorizationResponseError) {
    const said = (error.cause as { code?: unknown }).code
    const known = errorCodes.find(code => code === said)
    const code =
      known ??
      words[error.error] ??
      everywhere[error.error] ??
      (error instanceof client.ResponseBodyError && error.status === 429 ? 'rate_limited' : undefined)
    // Our own server says it more exactly than the code alone.
    const exactly = known && error.error_description ? { message: error.error_description } : {}
    if (code) return new SpoqError(code, { ...exactly, cause: error })
    return new SpoqError('server_not_spoq', {
      message: `${server} refused the sign-in: ${error.error_description ?? error.error}.`,
      cause: error,
    })
  }
  if (isRefusedPort(error))
    return new SpoqError('config_invalid', {
      message: `The port of ${server} is one that every browser refuses.`,
      next: 'Give the server another port.',
      cause: error,
    })
  if (isNetworkFault(error))
    return new SpoqError('server_unknown', { message: `Nothing answers at ${server}.`, cause: error })
  if (error instanceof client.ClientError && (error.cause as Partial<Response> | undefined)?.status === 503)
    return new SpoqError('unavailable', { cause: error })
  if (isForeignAnswer(error))
    return new SpoqError('server_not_spoq', {
      message: `What answers at ${server} is not a Spoq server.`,
      cause: error,
    })
  return error
}

/** The Fetch standard's list of bad ports (section 2.9); Node's fetch keeps to it as browsers do. */
function isRefusedPort(error: unknown): boolean {
  return error instanceof Error && (error.message === 'bad port' || isRefusedPort(error.cause))
}

/** fetch says "TypeError: fetch failed" for everything between here and there. */
function isNetworkFault(error: unknown): boolean {
  if (error instanceof client.ClientError) return isNetworkFault(error.cause) || error.code === 'OAUTH_TIMEOUT'
  return error instanceof TypeError && error.message === 'fetch failed'
}

const isForeignAnswer = (error: unknown) =>
  error instanceof client.ClientError ||
  error instanceof client.WWWAuthenticateChallengeError ||
  error instanceof SyntaxError

const metadataUrl = (server: string) => new URL(oauth.metadataPath, server)

/** Plain http carries tokens for everybody on the way to read: for this computer only. */
function optionsFor(server: string): client.DiscoveryRequestOptions {
  const { protocol, hostname: host } = new URL(server)
  const here = protocol === 'http:' && isThisComputer(host)
  return { algorithm: 'oauth2', execute: here ? [client.allowInsecureRequests] : [] }
}
