import { afterAll, beforeAll, expect, test } from 'vitest'
import { Browser, startTestServer, type TestServer } from './test-server.ts'

let server: TestServer

beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server.close())

async function post(path: string, body: Record<string, string>, headers: Record<string, string> = {}) {
  const response = await fetch(`${server.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  })
  const text = await response.text()
  return { status: response.status, body: text ? JSON.parse(text) : null, cookies: response.headers.getSetCookie() }
}

test("the seeds' paths lead a device from words to tokens and out again", async () => {
  const browser = new Browser(server.url)
  await browser.signUp('alice@example.com')
  const { body: started } = await post('/auth/device', {})
  expect(await post('/auth/device/token', { device_code: started.device_code })).toMatchObject({
    status: 400,
    body: { error: 'authorization_pending' },
  })
  expect((await browser.get(`/auth/verify?code=${started.user_code}`)).status).toBe(200)
  const decision = { code: started.user_code, decision: 'approve' }
  expect((await post('/auth/authorize', decision, { cookie: browser.cookieHeader, origin: server.url })).status).toBe(
    200,
  )
  const { body: slowed } = await post('/auth/device/token', { device_code: started.device_code })
  expect(slowed.error).toBe('slow_down')
  await server.db.updateTable('auth_device_code').set({ lastPolledAt: null }).execute()
  const { body: tokens } = await post('/auth/device/token', { device_code: started.device_code })
  const { body: fresh } = await post('/auth/refresh', { refresh_token: tokens.refresh_token })
  expect(fresh.access_token).toBeTruthy()
  expect((await post('/auth/revoke', { token: fresh.refresh_token })).status).toBe(200)
  expect((await post('/auth/refresh', { refresh_token: fresh.refresh_token })).body.error).toBe('invalid_grant')
})

test('register and login take JSON and answer a session', async () => {
  const user = { email: 'bob@example.com', name: 'Bob', password: 'correct horse' }
  const registered = await post('/api/auth/register', user)
  expect(registered).toMatchObject({ status: 201, body: { user: { email: user.email, name: 'Bob' } } })
  const { status, cookies } = await post('/api/auth/login', user)
  expect(status).toBe(200)
  const cookie = cookies[0]?.split(';')[0] ?? ''
  const account = await fetch(`${server.url}/api/account`, { headers: { cookie } })
  expect(await account.json()).toMatchObject({ email: user.email })
  expect((await post('/api/auth/login', { ...user, password: 'wrong one' })).body.code).toBe('wrong_password')
})

test('a form of another site cannot register or log in', async () => {
  for (const path of ['register', 'login']) {
    const body = new URLSearchParams({ email: 'bob@example.com', name: 'B', password: 'correct horse' })
    const response = await fetch(`${server.url}/api/auth/${path}`, { method: 'POST', body })
    expect(response.ok).toBe(false)
    expect(response.headers.getSetCookie()).toEqual([])
  }
})
