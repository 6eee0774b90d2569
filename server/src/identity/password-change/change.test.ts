import * as client from 'openid-client'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type SignedInDevice, signInDevice } from '../test-device.ts'
import { Browser, startTestServer, type TestServer } from '../test-server.ts'

let server: TestServer
let person = 0
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server.close())

const old = 'correct horse'
const fresh = 'battery staple'
const newPerson = () => `person-${++person}@example.com`
const canSignIn = async (email: string, password: string) =>
  (await new Browser(server.url).post('/auth/sign-in', { email, password })).status === 200
const isIn = async (browser: Browser) => (await browser.get('/auth/verify')).url.pathname === '/auth/verify'
const refreshes = ({ config, tokens }: SignedInDevice) =>
  client.refreshTokenGrant(config, tokens.refresh_token ?? '').then(
    () => true,
    () => false,
  )

async function change(headers: Record<string, string>, body: object) {
  const all = { ...headers, 'content-type': 'application/json' }
  const response = await fetch(`${server.url}/api/account/password`, {
    method: 'POST',
    headers: all,
    body: JSON.stringify(body),
  })
  const text = await response.text()
  return { status: response.status, code: text === '' ? null : (JSON.parse(text).code as string) }
}
const as = ({ tokens }: SignedInDevice) => ({ authorization: `Bearer ${tokens.access_token}` })

/** A laptop, a phone and a browser of one account. */
async function threeLogins() {
  const email = newPerson()
  const laptop = await signInDevice(server, email, 'laptop')
  return { email, laptop, phone: await signInDevice(server, laptop.browser, 'phone'), browser: laptop.browser }
}

test('it needs the present password, and ends everything else that is signed in', async () => {
  const { email, laptop, phone, browser } = await threeLogins()
  expect(await change(as(laptop), { current: 'wrong', password: fresh })).toEqual({
    status: 401,
    code: 'wrong_password',
  })
  expect(await change(as(laptop), { current: old, password: 'short' })).toMatchObject({ status: 400 })
  expect(await canSignIn(email, old)).toBe(true)
  expect((await change(as(laptop), { current: old, password: fresh })).status).toBe(204)
  expect([await canSignIn(email, old), await canSignIn(email, fresh)]).toEqual([false, true])
  expect([await refreshes(laptop), await refreshes(phone), await isIn(browser)]).toEqual([true, false, false])
  expect(server.mails.findLast(({ to }) => to === email)?.subject).toBe('Your Spoq password was changed')
  const response = await fetch(`${server.url}/api/account/security-log`, { headers: as(laptop) })
  const { events } = (await response.json()) as { events: { action: string; address: string }[] }
  const actions = events.map(({ action }) => action)
  expect(actions).toEqual(expect.arrayContaining(['password.change', 'password.change-failed', 'login.revoke']))
})

test('all stay signed in where that is wished', async () => {
  const { email, laptop, phone, browser } = await threeLogins()
  expect((await change(as(phone), { current: old, password: fresh, endOthers: false })).status).toBe(204)
  expect(await canSignIn(email, fresh)).toBe(true)
  expect([await refreshes(laptop), await refreshes(phone), await isIn(browser)]).toEqual([true, true, true])
})

test('the page does the same, and its own browser stays signed in', async () => {
  const { email, laptop, browser } = await threeLogins()
  const other = new Browser(server.url)
  await other.post('/auth/sign-in', { email, password: old })
  const wrong = await browser.post('/account/password', { current: 'wrong', password: fresh, others: 'end' })
  expect([wrong.status, wrong.text.includes('The present password is wrong.')]).toEqual([401, true])
  expect(
    (await browser.post('/account/password', { current: old, password: fresh }, 'https://evil.example')).status,
  ).toBe(403)
  const done = await browser.post('/account/password', { current: old, password: fresh, others: 'end' })
  expect(done.text).toContain('Everything else has been signed out.')
  expect([await isIn(browser), await isIn(other), await refreshes(laptop)]).toEqual([true, false, false])
  expect(await canSignIn(email, fresh)).toBe(true)
})

test('a cookie does it through the API, from our own pages alone', async () => {
  const { browser, laptop } = await threeLogins()
  const cookie = { cookie: browser.cookieHeader }
  expect((await change({ ...cookie, origin: 'https://evil.example' }, { current: old, password: fresh })).status).toBe(
    403,
  )
  expect((await change({ ...cookie, origin: server.url }, { current: old, password: fresh })).status).toBe(204)
  expect([await isIn(browser), await refreshes(laptop)]).toEqual([true, false])
})

test('of two changes at once one is made', async () => {
  const { email, laptop, phone } = await threeLogins()
  const body = (password: string) => ({ current: old, password, endOthers: false })
  const both = await Promise.all([change(as(laptop), body('password one')), change(as(phone), body('password two'))])
  expect(both.map(({ status }) => status).sort()).toEqual([204, 401])
  const works = await Promise.all([canSignIn(email, 'password one'), canSignIn(email, 'password two')])
  expect(works.filter(Boolean)).toHaveLength(1)
})

test('guessing the present password is limited with the sign-ins', async () => {
  await server.db.deleteFrom('attempt').execute()
  const { laptop } = await threeLogins()
  const codes = new Set<string | null>()
  for (let i = 0; i < 11; i++) codes.add((await change(as(laptop), { current: `guess ${i}`, password: fresh })).code)
  expect(codes).toEqual(new Set(['wrong_password', 'rate_limited']))
})
