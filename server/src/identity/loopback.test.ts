import { oauth } from '@spoq/contracts/login'
import { decodeJwt } from 'jose'
import * as client from 'openid-client'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { registerDevice } from './test-device.ts'
import { Browser, startTestServer, type TestServer, type Visit } from './test-server.ts'

let server: TestServer
let browser: Browser

beforeAll(async () => {
  server = await startTestServer()
  browser = new Browser(server.url)
  await browser.signUp('alice@example.com')
})
afterAll(() => server.close())

async function begin(config: client.Configuration, redirect: string, more: Record<string, string> = {}) {
  const verifier = client.randomPKCECodeVerifier()
  const state = client.randomState()
  const url = client.buildAuthorizationUrl(config, {
    redirect_uri: redirect,
    code_challenge: await client.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    state,
    ...more,
  })
  return { url, verifier, state }
}

function hidden(visit: Visit, name: string): string {
  const [, value] = new RegExp(`name="${name}" value="([^"]*)"`).exec(visit.text) ?? []
  return (value ?? '').replaceAll('&amp;', '&')
}

const decide = (visit: Visit, decision: string, origin: string | null = server.url) =>
  browser.post('/auth/consent', { query: hidden(visit, 'query'), decision }, origin)

test('a browser on this computer approves, and the code goes to whatever port waits', async () => {
  const config = await registerDevice(server, 'alice@thinkpad')
  const { url, verifier, state } = await begin(config, 'http://127.0.0.1:53179/callback')
  const page = await browser.get(url.href)
  expect(page.text).toContain('alice@thinkpad')
  expect(page.headers.get('content-security-policy')).toContain("form-action 'self' http://127.0.0.1:53179")
  const back = await decide(page, 'approve')
  expect(back.url.origin).toBe('http://127.0.0.1:53179')
  const checks = { pkceCodeVerifier: verifier, expectedState: state }
  const tokens = await client.authorizationCodeGrant(config, back.url, checks)
  expect(decodeJwt(tokens.access_token)).toMatchObject({
    aud: server.url,
    iss: server.url,
    scope: oauth.scopes.join(' '),
  })
  expect(tokens.refresh_token).toBeTruthy()
  await expect(client.authorizationCodeGrant(config, back.url, checks), 'a code is for one use').rejects.toThrow()
})

test('the page lets its form lead back to the address that waits, and writes nothing else into its policy', async () => {
  const config = await registerDevice(server, 'policy')
  const policyFor = async (redirect: string) => {
    const query = new URLSearchParams({ client_id: config.clientMetadata().client_id, redirect_uri: redirect })
    const page = await browser.get(`/auth/consent?${query}`)
    return page.headers
      .get('content-security-policy')
      ?.split(/[;,] */)
      .filter(part => !part.startsWith('style-src'))
  }
  const policy = (target: string) => [
    "default-src 'none'",
    `form-action 'self' ${target}`,
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ]
  expect(await policyFor('http://localhost:1025/callback')).toEqual(policy('http://localhost:1025'))
  expect(await policyFor('http://[::1]:1025/callback')).toEqual(policy('http:'))
  expect(await policyFor('http://a;script-src/')).toEqual(policy('http:'))
})

test('an old yes is asked again', async () => {
  const config = await registerDevice(server, 'again')
  for (const _ of [1, 2]) {
    const page = await browser.get((await begin(config, 'http://127.0.0.1:1025/callback')).url.href)
    expect(page.url.pathname).toBe('/auth/consent')
    expect((await decide(page, 'approve')).url.searchParams.has('code')).toBe(true)
  }
})

test('who says no sends an error back', async () => {
  const config = await registerDevice(server, 'denied')
  const page = await browser.get((await begin(config, 'http://127.0.0.1:1025/callback')).url.href)
  expect((await decide(page, 'deny')).url.searchParams.get('error')).toBe('access_denied')
})

test('who is not signed in does so first and comes back to the question', async () => {
  const config = await registerDevice(server, 'later')
  const { url, state } = await begin(config, 'http://127.0.0.1:1025/callback')
  const stranger = new Browser(server.url)
  const form = await stranger.get(url.href)
  expect(form.url.pathname).toBe('/auth/sign-in')
  const fields = { email: 'alice@example.com', password: 'correct horse', next: hidden(form, 'next') }
  const page = await stranger.post('/auth/sign-in', fields)
  expect(page.url.pathname).toBe('/auth/consent')
  expect(new URLSearchParams(hidden(page, 'query')).get('state')).toBe(state)
})

test('a stolen code is worth nothing without its verifier, and none is given without a challenge', async () => {
  const config = await registerDevice(server, 'stolen')
  const { url, state } = await begin(config, 'http://127.0.0.1:1025/callback')
  const back = await decide(await browser.get(url.href), 'approve')
  const checks = { pkceCodeVerifier: client.randomPKCECodeVerifier(), expectedState: state }
  await expect(client.authorizationCodeGrant(config, back.url, checks)).rejects.toThrow()

  const bare = client.buildAuthorizationUrl(config, { redirect_uri: 'http://127.0.0.1:1025/callback' })
  expect((await browser.get(bare.href)).url.searchParams.get('error')).toBe('invalid_request')
})

test('nobody is sent to an address that was not registered', async () => {
  const config = await registerDevice(server, 'open redirect')
  for (const target of [
    'https://evil.example/callback',
    'http://127.0.0.1:1025/other',
    'http://127.0.0.1.evil.example/callback',
    'http://evil.example@127.0.0.1/callback',
  ]) {
    const page = await browser.get((await begin(config, target)).url.href)
    expect(page.url.pathname, target).toBe('/auth/error')
    expect(page.status).toBe(400)
  }
})

test('an address that is not of this computer cannot be registered', async () => {
  for (const uri of ['https://evil.example/callback', 'http://127.0.0.1.evil.example/', 'com.evil:/callback']) {
    const response = await fetch(`${server.url}/identity/oauth2/register`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ redirect_uris: [uri] }),
    })
    expect(response.status).toBe(400)
    expect(await response.json()).toMatchObject({ error: 'invalid_redirect_uri' })
  }
})

test('a forged question and a form of another site give no code', async () => {
  const config = await registerDevice(server, 'forged')
  const page = await browser.get((await begin(config, 'http://127.0.0.1:1025/callback')).url.href)
  for (const origin of ['https://evil.example', 'null', null]) {
    const answer = await decide(page, 'approve', origin)
    expect(answer.status).toBe(403)
  }
  const query = hidden(page, 'query').replace('forged', '').replace('1025', '1026')
  const answer = await browser.post('/auth/consent', { query, decision: 'approve' })
  expect(answer.status).toBe(400)
})

test('the stock client needs no registration', async () => {
  const config = await client.discovery(new URL(server.url), oauth.stockClient, undefined, client.None(), {
    algorithm: 'oauth2',
    execute: [client.allowInsecureRequests],
  })
  const { url, verifier, state } = await begin(config, 'http://localhost:4711/callback')
  const back = await decide(await browser.get(url.href), 'approve')
  const tokens = await client.authorizationCodeGrant(config, back.url, {
    pkceCodeVerifier: verifier,
    expectedState: state,
  })
  expect(decodeJwt(tokens.access_token).client_id).toBe(oauth.stockClient)
})
