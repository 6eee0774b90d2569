import { request } from 'node:http'
import * as client from 'openid-client'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { registerDevice } from '../test-device.ts'
import { Browser, startTestServer, type TestServer } from '../test-server.ts'

let server: TestServer

beforeAll(async () => {
  server = await startTestServer()
  await new Browser(server.url).signUp('alice@example.com')
})
afterAll(() => server.close())

const signIn = (browser: Browser, fields: Record<string, string>) => browser.post('/auth/sign-in', fields)

test('every page forbids scripts, frames and foreign forms, and is kept by no cache', async () => {
  const browser = new Browser(server.url)
  for (const path of ['/auth/sign-in', '/auth/sign-up', '/auth/verify', '/auth/done', '/auth/error']) {
    const { headers, text } = await browser.get(path)
    const policy = headers.get('content-security-policy') ?? ''
    expect(policy).toContain("default-src 'none'")
    expect(policy).toContain("frame-ancestors 'none'")
    expect(policy).not.toContain('unsafe')
    expect(policy).not.toContain('script-src')
    expect(headers.get('cache-control')).toBe('no-store')
    expect(text).toContain('<html lang="en">')
    expect(text).not.toMatch(/<script|\son\w+=|\sstyle=/)
  }
})

test('every field has a label', async () => {
  for (const path of ['/auth/sign-in', '/auth/sign-up']) {
    const { text } = await new Browser(server.url).get(path)
    const fields = text.match(/<input(?![^>]*type="hidden")/g) ?? []
    const labelled = text.match(/<label>[^<]+<input/g) ?? []
    expect(fields.length).toBeGreaterThan(1)
    expect(labelled).toHaveLength(fields.length)
  }
})

test('a wrong password and an unknown e-mail get the same answer', async () => {
  const wrong = await signIn(new Browser(server.url), { email: 'alice@example.com', password: 'not this one' })
  const unknown = await signIn(new Browser(server.url), { email: 'nobody@example.com', password: 'not this one' })
  expect(wrong.status).toBe(401)
  expect(unknown.status).toBe(401)
  expect(unknown.text.replace('nobody@', 'alice@')).toBe(wrong.text)
  expect(wrong.text).not.toContain('not this one')
})

test('an e-mail that is taken, one that is none, and a short password are told', async () => {
  const fields = { name: 'A', email: 'alice@example.com', password: 'correct horse' }
  const tried = async (changed: Record<string, string>) =>
    (await new Browser(server.url).post('/auth/sign-up', { ...fields, ...changed })).status
  expect(await tried({})).toBe(409)
  expect(await tried({ email: 'not an address' })).toBe(400)
  expect(await tried({ email: 'b@example.com', password: 'short' })).toBe(400)
})

test('after signing in nobody is led away from this server', async () => {
  for (const next of [
    'https://evil.example/',
    '//evil.example/',
    '/\\evil.example/',
    '/\t/evil.example',
    'javascript:1',
  ]) {
    const browser = new Browser(server.url)
    const shown = await browser.get(`/auth/sign-in?${new URLSearchParams({ next })}`)
    expect(shown.text).toContain('name="next" value="/auth/done"')
    const arrived = await signIn(browser, { email: 'alice@example.com', password: 'correct horse', next })
    expect(arrived.url.href, next).toBe(`${server.url}/auth/done`)
  }
})

test('a form of another site signs nobody in or up', async () => {
  for (const path of ['/auth/sign-in', '/auth/sign-up']) {
    const browser = new Browser(server.url)
    const fields = { name: 'A', email: 'alice@example.com', password: 'correct horse' }
    expect((await browser.post(path, fields, 'https://evil.example')).status).toBe(403)
    expect(browser.cookies.size).toBe(0)
  }
})

test("a device's name is text on the page, in one line", async () => {
  const browser = new Browser(server.url)
  await browser.signUp('xss@example.com')
  const config = await registerDevice(server, '<img src=x onerror=alert(1)>"\u202e\n'.padEnd(300, 'y'))
  const { user_code } = await client.initiateDeviceAuthorization(config, {})
  const { text } = await browser.get(`/auth/verify?code=${user_code}`)
  expect(text).toContain('&lt;img src=x onerror=alert(1)&gt;&quot; y')
  expect(text).not.toContain('<img')
  expect(text).not.toContain('\u202e')
  expect(text).not.toContain('y'.repeat(64))
})

test('words that were never given out are not written back', async () => {
  const browser = new Browser(server.url)
  await browser.signUp('reflect@example.com')
  const { text, status } = await browser.get('/auth/verify?code=<script>alert(1)</script>')
  expect(status).toBe(400)
  expect(text.toLowerCase()).not.toContain('alert')
})

test('the device that asks from another network is warned of', async () => {
  const browser = new Browser(server.url)
  await browser.signUp('network@example.com')
  const near = await askFrom('127.0.0.1')
  const far = await askFrom('127.0.0.2')
  expect((await browser.get(`/auth/verify?code=${near}`)).text).not.toContain('another network')
  const { text } = await browser.get(`/auth/verify?code=${far}`)
  expect(text).toContain('another network')
  expect(text).toContain('127.0.0.2')
})

test('after ten wrong passwords in a minute even the right one has to wait', async () => {
  await new Browser(server.url).signUp('tries@example.com')
  const trying = (password: string) => signIn(new Browser(server.url), { email: 'Tries@example.com', password })
  for (let i = 0; i < 3; i++) expect((await trying('correct horse')).status).toBe(200)
  const answers = await Promise.all(Array.from({ length: 12 }, () => trying('not this one')))
  const refused = answers.filter(({ status }) => status === 429)
  expect(refused.length).toBeGreaterThanOrEqual(2)
  expect(Number(refused[0]?.headers.get('retry-after'))).toBeGreaterThan(0)
  expect((await trying('correct horse')).status).toBe(429)
})

test('the cookie is for this server alone, and no script reads it', async () => {
  const response = await fetch(`${server.url}/auth/sign-up`, {
    method: 'POST',
    redirect: 'manual',
    headers: { origin: server.url },
    body: new URLSearchParams({ email: 'cookie@example.com', name: 'C', password: 'correct horse' }),
  })
  const [cookie] = response.headers.getSetCookie()
  expect(cookie).toMatch(/^spoq_session=/)
  expect(cookie).toContain('Max-Age=604800')
  expect(cookie).toContain('HttpOnly')
  expect(cookie).toContain('SameSite=Lax')
  expect(cookie).not.toContain('Secure')
  expect(cookie).not.toContain('Domain')
})

/** Asks for a code from one of this computer's own addresses. */
function askFrom(localAddress: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/x-www-form-urlencoded', 'x-spoq-peer': '198.51.100.7' }
    const asking = request(
      `${server.url}/identity/device/code`,
      { method: 'POST', localAddress, headers },
      async response => {
        const [text] = await response.toArray()
        resolve(JSON.parse(String(text)).user_code)
      },
    )
    asking.on('error', reject).end('client_id=spoq-cli')
  })
}
