import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { Browser, startTestServer, type TestServer } from './test-server.ts'

let server: TestServer
let person = 0

beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server.close())
afterEach(() => void vi.useRealTimers())

const laterDays = (days: number) => void vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + days * 86_400_000 })
const where = async (browser: Browser) => (await browser.get('/auth/verify')).url.pathname

async function signedIn(): Promise<Browser> {
  const browser = new Browser(server.url)
  await browser.signUp(`person-${++person}@example.com`)
  return browser
}

test('a session that is used lives on, its cookie too', async () => {
  const browser = await signedIn()
  laterDays(5)
  const visit = await browser.get('/auth/verify')
  expect(visit.url.pathname).toBe('/auth/verify')
  expect(visit.headers.getSetCookie()[0]).toContain('Max-Age=604800')
  laterDays(5)
  expect(await where(browser)).toBe('/auth/verify')
})

test('a session that is not used for 7 days is over', async () => {
  const browser = await signedIn()
  laterDays(7.1)
  expect(await where(browser)).toBe('/auth/sign-in')
})

test('a session is over after 30 days, however much it is used', async () => {
  const browser = await signedIn()
  for (let day = 0; day < 30; day += 5) {
    expect(await where(browser)).toBe('/auth/verify')
    laterDays(5)
  }
  laterDays(0.1)
  expect(await where(browser)).toBe('/auth/sign-in')
})

test('signing out ends it at the server, and no other site can do it', async () => {
  const browser = await signedIn()
  const cookie = browser.cookieHeader
  expect((await browser.post('/auth/sign-out', {}, 'https://evil.example')).status).toBe(403)
  expect(await where(browser)).toBe('/auth/verify')
  await browser.post('/auth/sign-out', {})
  const kept = await fetch(`${server.url}/api/account`, { headers: { cookie } })
  expect(kept.status).toBe(401)
})

test("a session's cookie changes nothing through the API without our Origin", async () => {
  const browser = await signedIn()
  const revoke = (headers: Record<string, string>) =>
    fetch(`${server.url}/api/logins/login_aaaaaaaaaaaaaaaa/revoke`, {
      method: 'POST',
      headers: { cookie: browser.cookieHeader, ...headers },
    })
  expect((await revoke({})).status).toBe(403)
  expect((await revoke({ origin: 'https://evil.example' })).status).toBe(403)
  expect((await revoke({ origin: server.url })).status).toBe(404)
})
