// What others make of the way there and back: other states, other codes, other tokens.

import { createHash } from 'node:crypto'
import { githubPerson, startGithub } from '@spoq/workbench/stand-ins/github'
import { googlePerson, startGoogleSignIn } from '@spoq/workbench/stand-ins/google-sign-in'
import { generateKeyPair, type JWTPayload } from 'jose'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { Browser, type Visit } from '../test-server.ts'
import { accountOf, answerOf, signInVia, startTestServices } from './test-services.ts'

const start = async () => startTestServices(await startGithub(), await startGoogleSignIn())
let server: Awaited<ReturnType<typeof start>>
let person = 0
beforeAll(async () => {
  server = await start()
})
afterAll(() => server.close())
beforeEach(() => {
  server.github.person = githubPerson('octo', `octo-${++person}@example.com`)
  server.google.person = googlePerson('Gogo', `gogo-${person}@example.com`)
})
afterEach(() => {
  server.google.forge = {}
  server.github.says = {}
  vi.useRealTimers()
})

const browserOf = () => new Browser(server.url)
const begin = async (browser: Browser, id: 'github' | 'google' = 'github') =>
  answerOf((await browser.get(`/auth/${id}`)).url)

async function isRefused(browser: Browser, visit: Visit, said: RegExp): Promise<void> {
  expect(visit.text).toMatch(said)
  expect(visit.status).toBe(403)
  expect(await accountOf(server, browser)).toBeNull()
}
const expired = /This sign-in has expired, or was begun in another browser\. Start it again here\./
const unconfirmed = /did not confirm this sign-in/

test('a state that was never given, is missing or was changed', async () => {
  const browser = browserOf()
  const back = new URL(await begin(browser))
  const changed = (state: string | null) => {
    const url = new URL(back)
    if (state === null) url.searchParams.delete('state')
    else url.searchParams.set('state', state)
    return browser.get(url.href)
  }
  for (const state of [null, '', 'x'.repeat(32), `${back.searchParams.get('state')}x`])
    await isRefused(browser, await changed(state), expired)
  for (const query of ['', '?error=access_denied', '?error=<script>&state=x', '?code[]=1&state=1'])
    await isRefused(browser, await browser.get(`/auth/github/callback${query}`), /role="alert">/)
})

test("another browser's answer signs nobody in: neither its owner elsewhere nor a victim as somebody else", async () => {
  const [attacker, victim] = [browserOf(), browserOf()]
  const back = await begin(attacker)
  await isRefused(victim, await victim.get(back), expired)
  await begin(victim)
  await isRefused(victim, await victim.get(back), expired)
})

test('a state works once, and a code works once', async () => {
  const browser = browserOf()
  const back = await begin(browser)
  const cookies = new Map(browser.cookies)
  expect((await browser.get(back)).url.pathname).toBe('/auth/done')
  const again = browserOf()
  for (const [name, value] of cookies) again.cookies.set(name, value)
  await isRefused(again, await again.get(back), expired)

  const later = browserOf()
  const fresh = new URL(await begin(later))
  fresh.searchParams.set('code', new URL(back).searchParams.get('code') ?? '')
  await isRefused(later, await later.get(fresh.href), unconfirmed)
})

test('of the same answer twice at once at most one signs in, and one account comes of it', async () => {
  server.github.person = githubPerson('twice', 'twice@example.com')
  const browser = browserOf()
  const back = await begin(browser)
  const twins = [browserOf(), browserOf()]
  for (const twin of twins) for (const [name, value] of browser.cookies) twin.cookies.set(name, value)
  await Promise.all(twins.map(twin => twin.get(back)))
  const accounts = await Promise.all(twins.map(twin => accountOf(server, twin)))
  expect(accounts.filter(Boolean).length).toBeLessThanOrEqual(1)
  const rows = server.db.selectFrom('auth_user').select('id').where('email', '=', 'twice@example.com')
  expect((await rows.execute()).length).toBeLessThanOrEqual(1)
})

test("a code of somebody else's request does not fit ours (PKCE)", async () => {
  const [attacker, victim] = [browserOf(), browserOf()]
  const stolen = new URL(await begin(victim)).searchParams.get('code') ?? ''
  const own = new URL(await begin(attacker))
  own.searchParams.set('code', stolen)
  await isRefused(attacker, await attacker.get(own.href), unconfirmed)
})

test('an answer of ten minutes later is too late', async () => {
  const browser = browserOf()
  const back = await begin(browser)
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 601_000 })
  await isRefused(browser, await browser.get(back), expired)
})

test('errors of GitHub with status 200 are errors', async () => {
  server.github.says = { error: 'bad_verification_code', error_description: 'The code passed is incorrect or expired.' }
  const browser = browserOf()
  const visit = await signInVia(browser, 'github')
  // An answer with both is one that names an error.
  await isRefused(browser, visit, unconfirmed)
  expect(visit.text).not.toContain('passed is incorrect')
})

const now = () => Math.floor(Date.now() / 1_000)
test.each<[string, () => JWTPayload]>([
  ['for another app', () => ({ aud: 'another-app' })],
  ['of another issuer', () => ({ iss: 'https://accounts.evil.example' })],
  ['to another request', () => ({ nonce: 'another' })],
  ['to no request', () => ({ nonce: undefined })],
  ['that has expired', () => ({ iat: now() - 7_200, exp: now() - 3_600 })],
  ['without an end', () => ({ exp: undefined })],
  ['about nobody', () => ({ sub: '' })],
])('an ID token %s is refused', async (_, claims) => {
  server.google.forge = { claims: claims() }
  const browser = browserOf()
  await isRefused(browser, await signInVia(browser, 'google'), unconfirmed)
})

test('an ID token that somebody else signed is refused, however it says it was', async () => {
  const { privateKey } = await generateKeyPair('RS256')
  const shared = createHash('sha256').update(server.google.clientSecret).digest()
  for (const forge of [{ by: privateKey }, { by: shared, header: { alg: 'HS256' } }]) {
    server.google.forge = forge
    const browser = browserOf()
    await isRefused(browser, await signInVia(browser, 'google'), unconfirmed)
  }
})

test('the nonce goes along in the request', async () => {
  const [first, second] = [await browserOf().get('/auth/google'), await browserOf().get('/auth/google')]
  const nonces = [first, second].map(({ url }) => url.searchParams.get('nonce') ?? '')
  expect(new Set(nonces).size).toBe(2)
  expect(nonces.every(nonce => nonce.length >= 32)).toBe(true)
})
