// The device flow (RFC 8628): three words, approved in any browser.

import { oauth } from '@spoq/contracts/login'
import { SpoqError } from '@spoq/contracts/problem'
import * as client from 'openid-client'
import { discover, inOurWords, type OAuth, register, type Tokens, tokensOf } from './oauth.ts'

/** A sign-in that waits for its approval; it can be kept and finished by another process. */
export interface DeviceSignIn {
  server: string
  clientId: string
  deviceCode: string
  /** What the person compares: `BLUE-FISH-TREE`. */
  words: string
  /** Where it is approved. */
  verificationUrl: string
  /** Milliseconds since 1970. */
  expiresAt: number
  /** Seconds between two questions. */
  interval: number
}

/** Registers this login and asks for words. */
export async function startDevice(server: string, now: () => number): Promise<DeviceSignIn> {
  const config = await register(server)
  const parameters = { scope: oauth.scopes.join(' '), resource: resourceOf(config) }
  const answer = await inOurWords(server, () => client.initiateDeviceAuthorization(config, parameters))
  return {
    server,
    clientId: config.clientMetadata().client_id,
    deviceCode: answer.device_code,
    words: answer.user_code,
    verificationUrl: answer.verification_uri_complete ?? answer.verification_uri,
    expiresAt: now() + answer.expires_in * 1000,
    interval: answer.interval ?? 5,
  }
}

/**
 * Waits until the words are approved.
 * @throws SpoqError `code_expired`, `code_denied`
 */
export async function finishDevice(signIn: DeviceSignIn, now: () => number, signal?: AbortSignal): Promise<Tokens> {
  const { server, clientId, deviceCode, words, verificationUrl, expiresAt, interval } = signIn
  const config = await discover(server, clientId)
  const left = Math.round((expiresAt - now()) / 1000)
  if (left <= 0) throw new SpoqError('code_expired')
  const started = {
    device_code: deviceCode,
    user_code: words,
    verification_uri: verificationUrl,
    expires_in: left,
    interval,
  }
  const parameters = { resource: resourceOf(config) }
  const poll = () => client.pollDeviceAuthorizationGrant(config, started, parameters, signal ? { signal } : {})
  return tokensOf(await inOurWords(server, poll, deviceWords), now())
}

/** Asks once. Null: not approved yet. @throws SpoqError `code_expired`, `code_denied` */
export async function tryDevice(signIn: DeviceSignIn, now: () => number): Promise<Tokens | null> {
  if (signIn.expiresAt <= now()) throw new SpoqError('code_expired')
  const config = await discover(signIn.server, signIn.clientId)
  const parameters = { device_code: signIn.deviceCode, resource: resourceOf(config) }
  try {
    const grant = () => client.genericGrantRequest(config, oauth.deviceGrant, parameters)
    return tokensOf(await inOurWords(signIn.server, grant, { ...deviceWords, ...stillWaiting }), now())
  } catch (error) {
    if (error instanceof SpoqError && error.code === 'unavailable') return null
    throw error
  }
}

const deviceWords = { invalid_grant: 'code_expired' } as const
const stillWaiting = { authorization_pending: 'unavailable', slow_down: 'unavailable' } as const

/** What the tokens are for: the server itself. */
const resourceOf = (config: OAuth) => new URL(config.serverMetadata().issuer).origin
