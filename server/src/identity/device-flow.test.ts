import { oauth } from '@spoq/contracts/login'
import * as client from 'openid-client'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { Browser, startTestServer, type TestServer } from './test-server.ts'

let server: TestServer
let config: client.Configuration
let person = 0

beforeAll(async () => {
  server = await startTestServer()
  config = await client.discovery(new URL(server.url), oauth.stockClient, undefined, client.None(), {
    algorithm: 'oauth2',
    execute: [client.allowInsecureRequests],
  })
})
afterAll(() => server.close())
beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'], now: Date.now() }))
afterEach(() => void vi.useRealTimers())

const start = () => client.initiateDeviceAuthorization(config, {})
const poll = (started: client.DeviceAuthorizationResponse) =>
  client.genericGrantRequest(config, oauth.deviceGrant, { device_code: started.device_code })
const errorOf = (promise: Promise<unknown>) =>
  promise.then(
    () => 'none',
    (error: client.ResponseBodyError) => error.error,
  )
const later = (seconds: number) => void vi.setSystemTime(Date.now() + seconds * 1_000)

async function signedIn(): Promise<Browser> {
  const browser = new Browser(server.url)
  await browser.signUp(`person-${++person}@example.com`)
  return browser
}

const decide = (browser: Browser, code: string, decision: string) => browser.post('/auth/authorize', { code, decision })

test('the metadata names what a client needs, and no endpoint that is closed', async () => {
  const document = (await (await fetch(`${server.url}${oauth.metadataPath}`)).json()) as Record<string, unknown>
  expect(document).toMatchObject({
    issuer: server.url,
    scopes_supported: oauth.scopes,
    code_challenge_methods_supported: ['S256'],
    token_endpoint_auth_methods_supported: ['none'],
    revocation_endpoint_auth_methods_supported: ['none'],
  })
  expect(Object.keys(document).filter(name => /introspection|backchannel|signing_alg_values/.test(name))).toEqual([
    'dpop_signing_alg_values_supported',
  ])
  expect(document.grant_types_supported).toEqual(
    expect.arrayContaining(['authorization_code', 'refresh_token', oauth.deviceGrant, oauth.exchangeGrant]),
  )
  const endpoints = Object.entries(document).filter(([name]) => name.endsWith('_endpoint'))
  expect(endpoints.length).toBeGreaterThanOrEqual(5)
  for (const [, url] of endpoints) {
    const answers = [await fetch(String(url)), await fetch(String(url), { method: 'POST' })]
    expect(answers.some(({ status }) => status !== 404)).toBe(true)
  }
})

test('a device is pending, told to slow down, then gets its tokens once', async () => {
  const started = await start()
  expect(started.user_code).toMatch(/^[A-Z]{3,7}-[A-Z]{3,7}-[A-Z]{3,7}$/)
  expect(started.verification_uri).toBe(`${server.url}/auth/verify`)
  expect(started.expires_in).toBe(600)
  expect(await errorOf(poll(started))).toBe('authorization_pending')
  expect(await errorOf(poll(started))).toBe('slow_down')

  const browser = await signedIn()
  const page = await browser.get(started.verification_uri_complete ?? '')
  expect(page.text).toContain(started.user_code)
  later(6)
  expect(await errorOf(poll(started)), 'opening the page approves nothing').toBe('authorization_pending')
  expect((await decide(browser, started.user_code, 'approve')).text).toContain('Approved')
  later(6)
  expect(await errorOf(poll(started))).toBe('none')
  expect(await errorOf(poll(started)), 'single use').toBe('invalid_grant')
})

test('the stock client polls by itself until it has tokens', async () => {
  const started = await start()
  const browser = await signedIn()
  await browser.get(`/auth/verify?code=${started.user_code}`)
  await decide(browser, started.user_code, 'approve')
  const tokens = await client.pollDeviceAuthorizationGrant(config, { ...started, interval: 0.01 })
  expect(tokens).toMatchObject({ token_type: 'bearer', expires_in: 3_600, scope: oauth.scopes.join(' ') })
  expect(tokens.refresh_token).toBeTruthy()
})

test('a denied device is told so', async () => {
  const started = await start()
  const browser = await signedIn()
  expect((await decide(browser, started.user_code, 'deny')).text).toContain('Denied')
  expect(await errorOf(poll(started))).toBe('access_denied')
})

test('a code lives ten minutes', async () => {
  const started = await start()
  const browser = await signedIn()
  later(601)
  expect((await browser.get(`/auth/verify?code=${started.user_code}`)).status).toBe(400)
  expect(await errorOf(poll(started))).toBe('expired_token')
})

test('words are taken in any case, with spaces or dashes, and under both names', async () => {
  const started = await start()
  const browser = await signedIn()
  const spelled = started.user_code.toLowerCase().replaceAll('-', ' ')
  for (const name of ['code', 'user_code'])
    expect((await browser.get(`/auth/verify?${new URLSearchParams({ [name]: ` ${spelled} ` })}`)).text).toContain(
      started.user_code,
    )
})

test('who is not signed in signs up first and comes back to the words', async () => {
  const started = await start()
  const browser = new Browser(server.url)
  const first = await browser.get(`/auth/verify?code=${started.user_code}`)
  expect(first.url.pathname).toBe('/auth/sign-in')
  const [, other] = /href="(\/auth\/sign-up[^"]*)"/.exec(first.text) ?? []
  const form = await browser.get(other?.replaceAll('&amp;', '&') ?? '')
  const [, next] = /name="next" value="([^"]*)"/.exec(form.text) ?? []
  const fields = { email: 'comes-back@example.com', name: 'C', password: 'correct horse', next: next ?? '' }
  const arrived = await browser.post('/auth/sign-up', fields)
  expect(arrived.url.pathname).toBe('/auth/verify')
  expect(arrived.text).toContain(started.user_code)
})

test('what one account opened, another cannot approve', async () => {
  const started = await start()
  const [alice, mallory] = [await signedIn(), await signedIn()]
  await alice.get(`/auth/verify?code=${started.user_code}`)
  expect((await mallory.get(`/auth/verify?code=${started.user_code}`)).status).toBe(403)
  expect((await decide(mallory, started.user_code, 'approve')).status).toBe(403)
  expect(await errorOf(poll(started))).toBe('authorization_pending')
})

test('a form of another site approves nothing', async () => {
  const started = await start()
  const browser = await signedIn()
  await browser.get(`/auth/verify?code=${started.user_code}`)
  for (const origin of ['https://evil.example', 'null', null]) {
    const answer = await browser.post('/auth/authorize', { code: started.user_code, decision: 'approve' }, origin)
    expect(answer.status).toBe(403)
  }
  expect(await errorOf(poll(started))).toBe('authorization_pending')
})

test('after five wrong codes an account has to wait, right ones cost nothing', async () => {
  vi.setSystemTime(Date.now() + 3_600_000)
  const browser = await signedIn()
  const started = await start()
  for (let i = 0; i < 7; i++)
    expect((await browser.get(`/auth/verify?code=${started.user_code}`)).status, `right ${i}`).toBe(200)
  for (let i = 0; i < 5; i++)
    expect((await browser.get(`/auth/verify?code=WRONG-WORDS-${'ABCDE'[i]}`)).status).toBe(400)
  expect((await browser.get(`/auth/verify?code=${started.user_code}`)).status).toBe(429)
  later(601)
  const again = await start()
  expect((await browser.get(`/auth/verify?code=${again.user_code}`)).status).toBe(200)
})
