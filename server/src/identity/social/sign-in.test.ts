import { oauth } from '@spoq/contracts/login'
import { githubPerson, startGithub } from '@spoq/workbench/stand-ins/github'
import { googlePerson, startGoogleSignIn } from '@spoq/workbench/stand-ins/google-sign-in'
import { sql } from 'kysely'
import * as client from 'openid-client'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { registerDevice } from '../test-device.ts'
import { Browser, startTestServer } from '../test-server.ts'
import { accountOf, actionsOf, answerOf, signInVia, startTestServices } from './test-services.ts'

const start = async () => startTestServices(await startGithub(), await startGoogleSignIn())
let server: Awaited<ReturnType<typeof start>>
let person = 0
beforeAll(async () => {
  server = await start()
})
afterAll(() => server.close())
beforeEach(() => {
  const [github, google] = [server.github, server.google]
  Object.assign(github, { trouble: 'none', says: {}, person: null })
  Object.assign(google, { trouble: 'none', says: {}, person: null, forge: {} })
})

const newPerson = () => `person-${++person}@example.com`
const browserOf = () => new Browser(server.url)
/** Who is at both services, with the same address. */
function signedInThere(email = newPerson(), verified = true): string {
  server.github.person = githubPerson('octo', email, { verified })
  server.google.person = googlePerson('Octo', email, verified)
  return email
}

test.each(['github', 'google'] as const)('%s makes an account, verified as it says, and finds it again', async id => {
  for (const verified of [true, false]) {
    const email = signedInThere(newPerson(), verified)
    const first = browserOf()
    expect((await signInVia(first, id)).url.href).toBe(`${server.url}/auth/done`)
    const made = await accountOf(server, first)
    expect(made).toMatchObject({ email, emailVerified: verified })
    const second = browserOf()
    await signInVia(second, id)
    expect((await accountOf(server, second))?.id).toBe(made?.id)
    const name = { github: 'GitHub', google: 'Google' }[id]
    expect(await actionsOf(server, first)).toEqual([
      `account.link ${name}`,
      `account.sign-in with ${name}`,
      `account.sign-in with ${name}`,
    ])
    expect(server.mails.filter(({ to }) => to === email)).toEqual([])
  }
})

test('somebody is known by the number there, not by name or address', async () => {
  const email = signedInThere()
  const before = browserOf()
  await signInVia(before, 'github')
  const known = server.github.person
  if (known) server.github.person = { ...githubPerson('renamed', newPerson()), id: known.id }
  const after = browserOf()
  await signInVia(after, 'github')
  expect(await accountOf(server, after)).toMatchObject({ id: (await accountOf(server, before))?.id, email })
  // Who has the name and the number's digits now is somebody else.
  server.github.person = githubPerson('octo', newPerson())
  const other = browserOf()
  await signInVia(other, 'github')
  expect((await accountOf(server, other))?.id).not.toBe((await accountOf(server, before))?.id)
})

test('an address in other letters is the same one', async () => {
  signedInThere('Mixed.Case@Example.COM')
  const github = browserOf()
  await signInVia(github, 'github')
  expect((await accountOf(server, github))?.email).toBe('mixed.case@example.com')
  const google = browserOf()
  await signInVia(google, 'google')
  expect((await accountOf(server, google))?.id).toBe((await accountOf(server, github))?.id)
})

test('who tells no address is told what to do, and no account is made', async () => {
  server.github.person = { id: 77, login: 'nomail', name: null, emails: [] }
  server.google.person = { sub: '77', name: 'No Mail' }
  for (const id of ['github', 'google'] as const) {
    const browser = browserOf()
    const { text, status } = await signInVia(browser, id)
    expect(status).toBe(403)
    expect(text).toMatch(/role="alert">(GitHub|Google) tells no e-mail address of yours\. Add one at/)
    expect(await accountOf(server, browser)).toBeNull()
  }
})

test('it leads on to where the person was going, and never away from here', async () => {
  signedInThere()
  expect((await signInVia(browserOf(), 'github', '/auth/verify?x=1')).url.href).toBe(`${server.url}/auth/verify?x=1`)
  for (const next of ['https://evil.example/', '//evil.example', '/\\evil.example', '/\t/evil.example', 'javascript:1'])
    expect((await signInVia(browserOf(), 'google', next)).url.href, next).toBe(`${server.url}/auth/done`)
  // Nor by what better-auth would take from a request of its own.
  const { url } = await browserOf().get('/auth/github?callbackURL=https://evil.example&errorCallbackURL=//evil.example')
  expect(url.searchParams.get('redirect_uri')).toBe(`${server.url}/auth/github/callback`)
  for (const path of ['/identity/sign-in/social', '/identity/link-social', '/identity/callback/github'])
    expect((await fetch(`${server.url}${path}`, { method: 'POST' })).status).toBe(404)
})

test('the device flow and the loopback flow are approved after signing in with a service', async () => {
  signedInThere()
  for (const id of ['github', 'google'] as const) {
    const config = await registerDevice(server, 'laptop')
    const { user_code, device_code } = await client.initiateDeviceAuthorization(config, {})
    const browser = browserOf()
    const asked = await browser.get(`/auth/verify?code=${user_code}`)
    const [, link = ''] = new RegExp(`href="(/auth/${id}[^"]*)"`).exec(asked.text) ?? []
    const there = await browser.get(link.replaceAll('&amp;', '&'))
    const shown = await browser.get(await answerOf(there.url))
    expect(shown.text).toContain(user_code)
    await browser.post('/auth/authorize', { code: user_code, decision: 'approve' })
    expect((await client.genericGrantRequest(config, oauth.deviceGrant, { device_code })).access_token).toBeTruthy()
  }

  const config = await registerDevice(server, 'laptop')
  const codeVerifier = client.randomPKCECodeVerifier()
  const redirect_uri = 'http://127.0.0.1:53179/callback'
  const authorize = client.buildAuthorizationUrl(config, {
    redirect_uri,
    state: 'abc',
    code_challenge: await client.calculatePKCECodeChallenge(codeVerifier),
    code_challenge_method: 'S256',
  })
  const browser = browserOf()
  const { text } = await browser.get(authorize.href)
  const [, link = ''] = /href="(\/auth\/github[^"]*)"/.exec(text) ?? []
  const consent = await browser.get(await answerOf((await browser.get(link.replaceAll('&amp;', '&'))).url))
  expect(consent.url.pathname).toBe('/auth/consent')
  const query = consent.url.search.slice(1)
  const { url } = await browser.post('/auth/consent', { query, decision: 'approve' })
  const tokens = await client.authorizationCodeGrant(config, url, {
    pkceCodeVerifier: codeVerifier,
    expectedState: 'abc',
  })
  expect(tokens.refresh_token).toBeTruthy()
})

test('what the service gave to ask with is nowhere kept', async () => {
  signedInThere()
  await signInVia(browserOf(), 'github')
  const { rows } = await sql<{ row: string }>`
    select auth_account::text as row from auth_account union all select auth_verification::text from auth_verification
    union all select auth_session::text from auth_session`.execute(server.db)
  expect(rows.map(({ row }) => row).join('\n')).not.toMatch(/gho_|ya29|eyJ/)
})

test('the service that is away is told in one line, and back when it is back', async () => {
  signedInThere()
  for (const trouble of ['silent', 'odd'] as const) {
    for (const id of ['github', 'google'] as const) {
      const browser = browserOf()
      const there = await browser.get(`/auth/${id}`)
      const back = await answerOf(there.url)
      server[id].trouble = trouble
      const { status, text, headers } = await browser.get(back)
      expect([status, headers.get('retry-after')]).toEqual([503, '30'])
      expect(text).toMatch(/role="alert">(GitHub|Google) does not answer as it should\. Try again in a while, or/)
      expect(await accountOf(server, browser)).toBeNull()
      server[id].trouble = 'none'
      expect((await signInVia(browser, id)).url.pathname).toBe('/auth/done')
    }
  }
  expect(server.logged.join('\n')).not.toContain('a-secret-of-the-app')
})

test('Google that is away at the very first is no more than a line either', async () => {
  const other = await start()
  other.google.trouble = 'silent'
  const browser = new Browser(other.url)
  const { status, text } = await browser.get('/auth/google')
  expect([status, /Google does not answer as it should/.test(text)]).toEqual([503, true])
  other.google.trouble = 'none'
  other.google.person = googlePerson('Late', newPerson())
  expect((await signInVia(browser, 'google')).url.pathname).toBe('/auth/done')
  await other.close()
})

test('a no at the service is told; its words are not repeated', async () => {
  const { status, text } = await signInVia(browserOf(), 'github', '/auth/verify')
  expect([status, text.includes('You did not allow it at GitHub.')]).toEqual([403, true])
  expect(text).not.toContain('has denied your application')
  expect(text).toContain('name="next" value="/auth/verify"')
})

test("a wrong secret of our app is the operator's to read, not the person's", async () => {
  signedInThere()
  const right = server.github.clientSecret
  server.github.clientSecret = 'another'
  expect((await signInVia(browserOf(), 'github')).text).toContain('GitHub does not answer as it should')
  server.github.clientSecret = right
  expect(server.logged.at(-1)).toContain('incorrect_client_credentials')
})

test('where nothing is set up, nothing is offered and nothing answers', async () => {
  const plain = await startTestServer()
  const browser = new Browser(plain.url)
  for (const path of ['/auth/sign-in', '/auth/sign-up']) {
    expect((await browser.get(path)).text).not.toMatch(/GitHub|Google/)
    expect((await browserOf().get(path)).text).toMatch(/Go on with GitHub.*Go on with Google/s)
  }
  for (const path of ['/auth/github', '/auth/google', '/auth/github/callback'])
    expect((await browser.get(path)).status).toBe(404)
  await browser.signUp(newPerson())
  expect((await browser.get('/account/security')).text).not.toMatch(/GitHub|Google/)
  await plain.close()
})
