import type { SecurityEvent } from '@spoq/contracts/account'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type SignedInDevice, signInDevice } from '../test-device.ts'
import { Browser, startTestServer, type TestServer } from '../test-server.ts'

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server.close())

async function log({ tokens }: SignedInDevice): Promise<SecurityEvent[]> {
  const headers = { authorization: `Bearer ${tokens.access_token}` }
  const response = await fetch(`${server.url}/api/account/security-log`, { headers })
  return ((await response.json()) as { events: SecurityEvent[] }).events
}

test('it tells what happened, from where and by what, newest first, and to its account alone', async () => {
  const alice = await signInDevice(server, 'alice@example.com', 'laptop')
  const eve = await signInDevice(server, 'eve@example.com', 'laptop')
  const phone = await signInDevice(server, alice.browser, 'phone')
  const headers = { authorization: `Bearer ${alice.tokens.access_token}`, 'user-agent': `spoq/1 ${'x'.repeat(300)}` }
  await fetch(`${server.url}/api/logins/${phone.login}/revoke`, { method: 'POST', headers })
  await alice.browser.post('/auth/sign-out', {})
  const again = new Browser(server.url)
  await again.post('/auth/sign-in', { email: 'alice@example.com', password: 'correct horse' })

  const events = await log(alice)
  expect(events.map(({ action, resource }) => [action, resource])).toEqual([
    ['account.sign-in', alice.account],
    ['account.sign-out', alice.account],
    ['login.revoke', phone.login],
    ['login.create', phone.login],
    ['login.create', alice.login],
  ])
  expect(events[0]).toMatchObject({ address: '127.0.0.1', agent: 'node', requestId: expect.stringMatching(/^req_/) })
  expect(events[2]?.agent).toHaveLength(160)
  expect(events.map(({ credential }) => credential)).toEqual([null, null, alice.login, null, null])
  expect((await again.get('/account/security')).text).toContain(`by ${alice.login}`)
  expect(events[3]).toMatchObject({ address: '127.0.0.1' })
  expect((await log(eve)).map(({ resource }) => resource)).toEqual([eve.login])
})

test('an old refresh token that comes back is told, with where it came from', async () => {
  const device = await signInDevice(server, 'bob@example.com', 'laptop')
  const other = await signInDevice(server, device.browser, 'phone')
  await fetch(`${server.url}/auth/revoke`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ client_id: device.clientId, token: device.tokens.refresh_token }),
  })
  expect((await log(other))[0]).toMatchObject({
    action: 'login.revoke',
    resource: device.login,
    reason: 'signed out',
    address: '127.0.0.1',
  })
})

test('the page shows it to who is signed in, and nothing in it is taken for HTML', async () => {
  const browser = new Browser(server.url)
  expect((await browser.get('/account/security')).url.pathname).toBe('/auth/sign-in')
  await browser.signUp('page@example.com')
  await fetch(`${server.url}/auth/sign-in`, {
    method: 'POST',
    headers: { origin: server.url, 'user-agent': '<script>alert(1)</script>' },
    body: new URLSearchParams({ email: 'page@example.com', password: 'correct horse' }),
    redirect: 'manual',
  })
  const { text } = await browser.get('/account/security')
  expect(text).toContain('&lt;script&gt;')
  expect(text).not.toContain('<script>')
})

test('nobody can change it', async () => {
  await expect(
    server.db
      .updateTable('audit_record')
      .set({ address: 'x' } as never)
      .execute(),
  ).rejects.toThrow('append-only')
})
