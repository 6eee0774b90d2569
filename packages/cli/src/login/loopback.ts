// Sign-in in a browser on this very computer: authorization code with PKCE, answered to a port of its own (RFC 8252).

import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { oauth } from '@spoq/contracts/login'
import { SpoqError } from '@spoq/contracts/problem'
import * as client from 'openid-client'
import { inOurWords, register, type Tokens, tokensOf } from './oauth.ts'

interface Options {
  now: () => number
  /** Shows the address to the person: opens a browser, prints it. */
  show: (url: string) => void
  signal?: AbortSignal
}

/**
 * Waits until the person has signed in and approved.
 * @throws SpoqError `code_denied`, `code_expired`
 */
export async function signInByLoopback(
  server: string,
  { now, show, signal }: Options,
): Promise<{ clientId: string; tokens: Tokens }> {
  await using listener = await listen()
  const redirect = `http://127.0.0.1:${listener.port}/callback`
  const config = await register(server, redirect)
  const verifier = client.randomPKCECodeVerifier()
  const state = client.randomState()
  const url = client.buildAuthorizationUrl(config, {
    redirect_uri: redirect,
    scope: oauth.scopes.join(' '),
    resource: new URL(config.serverMetadata().issuer).origin,
    code_challenge: await client.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    state,
  })
  show(url.href)
  const answered = await listener.answer(signal ?? new AbortController().signal)
  const checks = { pkceCodeVerifier: verifier, expectedState: state }
  const grant = () => client.authorizationCodeGrant(config, new URL(answered, redirect), checks)
  const tokens = tokensOf(await inOurWords(server, grant, { invalid_grant: 'code_expired' }), now())
  return { clientId: config.clientMetadata().client_id, tokens }
}

interface Listener extends AsyncDisposable {
  port: number
  /** The path and query that the browser came back with. */
  answer(signal: AbortSignal): Promise<string>
}

const minutes = 10

async function listen(): Promise<Listener> {
  const server = createServer()
  const came = new Promise<string>(resolve => {
    server.on('request', (request, response) => {
      if (!request.url?.startsWith('/callback')) return void response.writeHead(404).end()
      response.writeHead(200, { 'content-type': 'text/html; charset=utf-8', connection: 'close' }).end(page)
      resolve(request.url)
    })
  })
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    answer: signal => Promise.race([came, givenUp(signal)]),
    [Symbol.asyncDispose]: () => closed(server),
  }
}

function givenUp(signal: AbortSignal): Promise<never> {
  const late = AbortSignal.timeout(minutes * 60_000)
  return new Promise((_, reject) => {
    late.addEventListener('abort', () => reject(new SpoqError('code_expired')))
    signal.addEventListener('abort', () => reject(new SpoqError('interrupted')))
  })
}

function closed(server: Server): Promise<void> {
  server.closeAllConnections()
  return new Promise(resolve => server.close(() => resolve()))
}

const page = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Spoq</title>
<meta name="viewport" content="width=device-width"><style>body{font:1.1rem system-ui;margin:20vh auto;max-width:24rem;padding:0 1rem}</style>
<h1>Back to the terminal</h1><p>It says how it went. You may close this page.</p></html>`
