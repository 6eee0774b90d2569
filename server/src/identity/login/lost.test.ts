import { afterAll, beforeAll, expect, test } from 'vitest'
import { signInDevice } from '../test-device.ts'
import { startTestServer, type TestServer } from '../test-server.ts'

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server.close())

const origin = { address: '192.0.2.7', agent: 'test', requestId: 'req_test' }
const end = (account: string, of: { name: string; logins: string[] }) =>
  server.db.transaction().execute(async tx => {
    const { find, end } = server.identity.logins
    const found = await find(tx as never, account, of)
    for (const { id, stands } of found) if (stands) await end(tx as never, account, id, origin)
    return found.map(({ id }) => id).sort()
  })
const status = async ({ tokens }: { tokens: { access_token: string } }) =>
  (await fetch(`${server.url}/api/account`, { headers: { authorization: `Bearer ${tokens.access_token}` } })).status

test('the logins of a computer are found by its name and by one of them, also after it signed in again, and ended', async () => {
  const first = await signInDevice(server, 'lost@example.com', 'alice@laptop')
  const second = await signInDevice(server, first.browser, 'alice@laptop')
  const phone = await signInDevice(server, first.browser, 'alice@phone')
  const other = await signInDevice(server, 'other@example.com', 'alice@laptop')
  const { account } = first
  expect(await end(account, { name: 'nobody', logins: [other.login] })).toEqual([])
  expect(await end(account, { name: 'my laptop', logins: [first.login] })).toEqual([first.login, second.login].sort())
  expect([await status(first), await status(second), await status(phone), await status(other)]).toEqual([
    401, 401, 200, 200,
  ])
  expect(await end(account, { name: 'alice@phone', logins: [] })).toEqual([phone.login])
  expect(await status(phone)).toBe(401)
  expect(server.told.filter(told => told === account)).toHaveLength(3)
})
