// For tests: a server that speaks the OAuth of this login and one route of ours, as a script says. The real one is met in
// login.test.ts; this one can expire, deny, count and lose its clock.

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import type { Account } from '@spoq/contracts/account'
import { oauth } from '@spoq/contracts/login'
import { SpoqError, toProblem } from '@spoq/contracts/problem'
import type { Credential } from '@spoq/contracts/token'

interface Script {
  /** What each grant answers; an OAuth error by its name. Default: a token. */
  grants?: Partial<Record<string, string>>
  /** Milliseconds that the server's clock is ahead. */
  clockAheadMs?: number
  /** Answers nothing for so long, so that processes meet in the middle. */
  tokenDelayMs?: number
  /** Refuses every token at the API. */
  refuses?: boolean
}

export interface StandIn extends AsyncDisposable {
  url: string
  script: Script
  /** The grant types that were asked for, in order. */
  granted: string[]
  /** The access tokens that open the API just now. */
  valid: Set<string>
}

export const account: Account = {
  id: 'account000000000',
  email: 'alice@example.com',
  emailVerified: true,
  name: 'Alice',
  createdAt: '2026-01-01T00:00:00.000Z',
}

const credential: Credential = {
  kind: 'token',
  id: 'token_0000000000000000',
  name: 'ci',
  account: account.id,
  scopes: ['account:read'],
  machine: null,
  expiresAt: '2027-01-01T00:00:00.000Z',
}

/** Starts it on a free port. */
export async function startStandIn(script: Script = {}): Promise<StandIn> {
  const server = createServer((request, response) => void answer(standIn, request, response))
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const standIn: StandIn = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    script,
    granted: [],
    valid: new Set(),
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
    },
  }
  return standIn
}

async function answer(standIn: StandIn, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = await text(request)
  const { url, script, valid } = standIn
  response.setHeader('date', new Date(Date.now() + (script.clockAheadMs ?? 0)).toUTCString())
  const json = (status: number, value: unknown, type = 'application/json') =>
    void response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' }).end(JSON.stringify(value))
  switch (request.url) {
    case oauth.metadataPath:
      return json(200, metadata(url))
    case '/register':
      return json(201, { ...JSON.parse(body), client_id: 'a-client', client_id_issued_at: 1 })
    case '/device':
      return json(200, device(url))
    case '/token':
      return grant(standIn, new URLSearchParams(body), json)
    case '/revoke':
      return json(200, {})
    case '/api/credential':
    case '/api/account': {
      const token = request.headers.authorization?.replace('Bearer ', '') ?? ''
      if (valid.has(token) && !script.refuses) return json(200, request.url === '/api/account' ? account : credential)
      return json(401, toProblem(new SpoqError('token_expired')), 'application/problem+json')
    }
    default:
      return json(404, { error: 'not here' })
  }
}

type Answer = (status: number, value: unknown) => void

async function grant({ granted, script, valid }: StandIn, asked: URLSearchParams, json: Answer): Promise<void> {
  const type = asked.get('grant_type') ?? ''
  granted.push(type)
  if (script.tokenDelayMs) await new Promise(resolve => setTimeout(resolve, script.tokenDelayMs))
  const refused = script.grants?.[type]
  if (refused) return json(400, { error: refused })
  const access_token = `access-${granted.length}`
  valid.add(access_token)
  json(200, { access_token, token_type: 'Bearer', expires_in: 3600, refresh_token: `refresh-${granted.length}` })
}

const metadata = (url: string) => ({
  issuer: url,
  token_endpoint: `${url}/token`,
  registration_endpoint: `${url}/register`,
  device_authorization_endpoint: `${url}/device`,
  revocation_endpoint: `${url}/revoke`,
  authorization_endpoint: `${url}/authorize`,
  response_types_supported: ['code'],
})

const device = (url: string) => ({
  device_code: 'a-device-code',
  user_code: 'BLUE-FISH-TREE',
  verification_uri: `${url}/auth/verify`,
  verification_uri_complete: `${url}/auth/verify?code=BLUE-FISH-TREE`,
  expires_in: 600,
  interval: 1,
})
