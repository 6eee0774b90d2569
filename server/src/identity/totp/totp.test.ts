import { oauth } from '@spoq/contracts/login'
import { sql } from 'kysely'
import * as client from 'openid-client'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { registerDevice } from '../test-device.ts'
import { Browser, startTestServer, type TestServer, type Visit } from '../test-server.ts'
import { totp, turnOn } from './test-code.ts'

let server: TestServer
let person = 0
const password = 'correct horse'

beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server.close())
afterEach(() => void vi.useRealTimers())

const newPerson = () => `person-${++person}@example.com`
const later = (seconds: number) => void vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + seconds * 1_000 })

interface Protected {
  email: string
  account: string
  browser: Browser
  secret: string
  recovery: string[]
}

/** A new account with the second step on; half a minute later, so that the code that turned it on is not the next. */
async function protectedAccount(): Promise<Protected> {
  const email = newPerson()
  const browser = new Browser(server.url)
  await browser.signUp(email)
  const { secret, recovery } = await turnOn(browser, password)
  const { id } = await server.db
    .selectFrom('auth_user')
    .select('id')
    .where('email', '=', email)
    .executeTakeFirstOrThrow()
  return { email, account: id, browser, secret, recovery }
}

async function half(email: string, next?: string): Promise<{ browser: Browser; visit: Visit }> {
  const browser = new Browser(server.url)
  return { browser, visit: await browser.post('/auth/sign-in', { email, password, ...(next ? { next } : {}) }) }
}

const isIn = async (browser: Browser) => (await browser.get('/auth/verify')).url.pathname === '/auth/verify'
const step = (browser: Browser, code: string, next = '/auth/done') => browser.post('/auth/second-step', { code, next })
const actions = async (account: string) => {
  const rows = server.db.selectFrom('audit_record').select('action').where('account_id', '=', account).orderBy('id')
  return (await rows.execute()).map(({ action }) => action)
}

test('the password alone opens nothing; with the code it does, and leads on', async () => {
  const { email, secret, account, browser: first } = await protectedAccount()
  expect(await isIn(first)).toBe(true)
  const { browser, visit } = await half(email, '/auth/verify?code=A-B-C')
  expect(visit.url.pathname).toBe('/auth/second-step')
  expect(await isIn(browser)).toBe(false)
  expect((await fetch(`${server.url}/api/account`, { headers: { cookie: browser.cookieHeader } })).status).toBe(401)
  expect((await step(browser, '000000')).text).toContain('The code is wrong.')
  const done = await step(browser, totp(secret), '//evil.example')
  expect(done.url.href).toBe(`${server.url}/auth/done`)
  expect(await isIn(browser)).toBe(true)
  expect(await actions(account)).toEqual(['totp.on', 'account.sign-in'])
})

test('until the first code was right, nothing is asked for', async () => {
  const email = newPerson()
  const browser = new Browser(server.url)
  await browser.signUp(email)
  expect((await browser.post('/account/totp', { step: 'begin', password: 'wrong' })).text).toContain(
    'password is wrong',
  )
  await browser.post('/account/totp', { step: 'begin', password })
  expect((await browser.post('/account/totp', { step: 'confirm', code: '000000' })).status).toBe(400)
  expect((await half(email)).visit.url.pathname).toBe('/auth/done')
})

test('a code works once, also when two use it at once', async () => {
  const { email, secret } = await protectedAccount()
  const [a, b, c] = [await half(email), await half(email), await half(email)]
  await Promise.all([step(a.browser, totp(secret)), step(b.browser, totp(secret))])
  const inside = await Promise.all([isIn(a.browser), isIn(b.browser)])
  expect(inside.filter(Boolean)).toHaveLength(1)
  await step(c.browser, totp(secret))
  expect(await isIn(c.browser)).toBe(false)
  later(60)
  const next = await half(email)
  await step(next.browser, totp(secret))
  expect(await isIn(next.browser)).toBe(true)
})

test('guessing ends the sign-in after five tries, and locks the second step after ten', async () => {
  const { email, secret, recovery } = await protectedAccount()
  const first = await half(email)
  for (let i = 0; i < 5; i++) await step(first.browser, `00000${i}`)
  expect((await step(first.browser, totp(secret))).text).toContain('This sign-in is over')
  expect(await isIn(first.browser)).toBe(false)
  const second = await half(email)
  for (let i = 5; i < 10; i++) await step(second.browser, `00000${i}`)
  const third = await half(email)
  expect((await step(third.browser, recovery[0] ?? '')).text).toContain('Too many wrong codes')
  expect(await isIn(third.browser)).toBe(false)
})

test('each of the ten recovery codes works once, and none can be read from the tables', async () => {
  const { email, account, recovery } = await protectedAccount()
  expect(new Set(recovery).size).toBe(10)
  const { rows } = await sql<{ row: string }>`
    select auth_two_factor::text as row from auth_two_factor where "userId" = ${account}`.execute(server.db)
  for (const code of recovery) expect(rows[0]?.row).not.toContain(code)
  const kept = rows[0]?.row.match(/sha256:[\w-]{43}/g) ?? []
  expect(kept).toHaveLength(10)

  for (const code of recovery.slice(0, 2)) {
    const { browser } = await half(email)
    await step(browser, code)
    expect(await isIn(browser)).toBe(true)
    const again = await half(email)
    await step(again.browser, code)
    expect(await isIn(again.browser), 'used').toBe(false)
    await step(again.browser, kept[9] ?? '')
    expect(await isIn(again.browser), 'what is kept is no code').toBe(false)
  }
  expect((await actions(account)).filter(action => action === 'totp.recovery')).toHaveLength(2)
})

test('the device flow and the loopback flow both pass through it', async () => {
  const { email, secret } = await protectedAccount()
  const config = await registerDevice(server, 'laptop')
  const { user_code, device_code } = await client.initiateDeviceAuthorization(config, {})
  const { browser } = await half(email)
  expect((await browser.post('/auth/authorize', { code: user_code, decision: 'approve' })).status).toBe(401)
  const authorize = client.buildAuthorizationUrl(config, {
    redirect_uri: 'http://127.0.0.1:53179/callback',
    code_challenge: await client.calculatePKCECodeChallenge(client.randomPKCECodeVerifier()),
    code_challenge_method: 'S256',
  })
  expect((await browser.get(authorize.href)).url.pathname).toBe('/auth/sign-in')
  await step(browser, totp(secret))
  expect((await browser.get(authorize.href)).url.pathname).toBe('/auth/consent')
  expect((await browser.post('/auth/authorize', { code: user_code, decision: 'approve' })).status).toBe(200)
  expect((await client.genericGrantRequest(config, oauth.deviceGrant, { device_code })).access_token).toBeTruthy()
})

test("the seeds' sign-in gives no session either", async () => {
  const { email } = await protectedAccount()
  const response = await fetch(`${server.url}/api/auth/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email, password }),
  })
  expect([response.status, response.headers.getSetCookie()]).toEqual([401, []])
  expect(await response.json()).toMatchObject({ code: 'second_step_needed' })
})

test('turning it off needs the password and our own page; both changes are told by mail', async () => {
  const { email, account, browser } = await protectedAccount()
  const off = (fields: object, origin?: string) => browser.post('/account/totp', { step: 'off', ...fields }, origin)
  expect((await off({ password }, 'https://evil.example')).status).toBe(403)
  expect((await off({ password: 'wrong' })).status).toBe(400)
  expect((await half(email)).visit.url.pathname).toBe('/auth/second-step')
  expect((await off({ password })).text).toContain('The second step is off')
  expect((await half(email)).visit.url.pathname).toBe('/auth/done')
  expect(await actions(account)).toEqual(['totp.on', 'totp.off', 'account.sign-in'])
  const told = server.mails.filter(({ to }) => to === email).map(({ subject }) => subject.replace(/.* is /, ''))
  expect(told).toEqual(['on', 'off'])
})

test('a wrong password stands in the log of its account, and nowhere for an address that nobody has', async () => {
  const { email, account } = await protectedAccount()
  const tries = [email, 'nobody@example.com'].map(who =>
    new Browser(server.url).post('/auth/sign-in', { email: who, password: 'wrong one' }),
  )
  await Promise.all(tries)
  await expect.poll(() => actions(account)).toEqual(['totp.on', 'account.sign-in-failed'])
})
