// For tests: a computer that registers its own client and signs in by the device flow, as a stock client does it.

import { oauth } from '@spoq/contracts/login'
import { decodeJwt } from 'jose'
import * as client from 'openid-client'
import { Browser, type TestServer } from './test-server.ts'

export interface SignedInDevice {
  config: client.Configuration
  clientId: string
  account: string
  login: string
  tokens: client.TokenEndpointResponse
  browser: Browser
}

const insecure = { algorithm: 'oauth2' as const, execute: [client.allowInsecureRequests] }

/** Registers a client by the metadata alone. */
export function registerDevice(server: TestServer, name: string): Promise<client.Configuration> {
  const metadata = { client_name: name, redirect_uris: ['http://127.0.0.1/callback'] }
  return client.dynamicClientRegistration(new URL(server.url), metadata, client.None(), insecure)
}

/** Signs a new computer of an account in; the account is made when a browser is not given. */
export async function signInDevice(
  server: TestServer,
  person: string | Browser,
  name: string,
  asked: Record<string, string> = {},
): Promise<SignedInDevice> {
  const browser = typeof person === 'string' ? new Browser(server.url) : person
  if (typeof person === 'string') await browser.signUp(person)
  const config = await registerDevice(server, name)
  const started = await client.initiateDeviceAuthorization(config, asked)
  const decided = await browser.post('/auth/authorize', { code: started.user_code, decision: 'approve' })
  if (decided.status !== 200) throw new Error(`not approved: ${decided.text}`)
  const tokens = await client.genericGrantRequest(config, oauth.deviceGrant, { device_code: started.device_code })
  const { sub, login } = decodeJwt(tokens.access_token)
  return {
    config,
    clientId: config.clientMetadata().client_id,
    account: String(sub),
    login: String(login),
    tokens,
    browser,
  }
}
