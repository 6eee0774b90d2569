import { oauth } from '@spoq/contracts/login'
import * as client from 'openid-client'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { revocationsOf } from '../revocation.ts'
import { type SignedInDevice, signInDevice } from '../test-device.ts'
import { startTestServer, type TestServer } from '../test-server.ts'

let server: TestServer
let person = 0
const machine = 'mach_aaaaaaaaaaaaaaaa'

beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server.close())
afterEach(() => void vi.useRealTimers())

const newPerson = () => `person-${++person}@example.com`
const later = (seconds: number) => void vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + seconds * 1_000 })
const refresh = (device: SignedInDevice, token = device.tokens.refresh_token) =>
  client.refreshTokenGrant(device.config, token ?? '')
const outcome = (promise: Promise<unknown>) =>
  promise.then(
    () => 'ok',
    (error: client.ResponseBodyError) => error.error,
  )

async function api(device: { tokens: { access_token: string } }, path: string, method = 'GET') {
  const response = await fetch(`${server.url}${path}`, {
    method,
    headers: { authorization: `Bearer ${device.tokens.access_token}` },
  })
  const text = await response.text()
  return { status: response.status, body: text === '' ? null : JSON.parse(text) }
}

/** A laptop and a phone of one account. */
async function pair(): Promise<[SignedInDevice, SignedInDevice]> {
  const laptop = await signInDevice(server, newPerson(), 'alice@laptop')
  return [laptop, await signInDevice(server, laptop.browser, 'alice@phone')]
}

test('each computer is a login of its own, named after itself, newest first', async () => {
  const [laptop, phone] = await pair()
  const { body } = await api(laptop, '/api/logins')
  expect(body.logins.map((login: { name: string; current: boolean }) => [login.name, login.current])).toEqual([
    ['alice@phone', false],
    ['alice@laptop', true],
  ])
  expect(body.logins.map((login: { id: string }) => login.id)).toEqual([phone.login, laptop.login])
})

test('a revoked login is refused at once everywhere, the others are not', async () => {
  const [laptop, phone] = await pair()
  server.machines.set(machine, phone.account)
  expect((await api(laptop, `/api/logins/${phone.login}/revoke`, 'POST')).status).toBe(204)

  expect(await api(phone, '/api/account')).toMatchObject({ status: 401, body: { code: 'login_revoked' } })
  expect(await outcome(refresh(phone))).toBe('invalid_grant')
  const exchange = client.genericGrantRequest(phone.config, oauth.exchangeGrant, {
    subject_token: phone.tokens.access_token,
    subject_token_type: oauth.accessTokenType,
    audience: machine,
  })
  await expect(exchange).rejects.toMatchObject({ error: 'invalid_request', cause: { code: 'login_revoked' } })

  expect((await api(laptop, '/api/account')).status).toBe(200)
  expect(await outcome(refresh(laptop))).toBe('ok')
  expect((await api(laptop, '/api/logins')).body.logins).toHaveLength(1)
  expect((await api(laptop, `/api/logins/${phone.login}/revoke`, 'POST')).body.code).toBe('login_not_found')

  const told = await revocationsOf(server.db, [phone.account], Date.now())
  expect(told).toMatchObject([{ credential: phone.login }])
  expect(told[0]?.until.getTime()).toBeGreaterThan(Date.now() + 3_500_000)
  expect(server.told).toContain(phone.account)

  const audit = server.db.selectFrom('audit_record').select(['actor', 'action']).where('resource', '=', phone.login)
  const actor = `account:${phone.account}`
  expect(await audit.orderBy('id').execute()).toEqual([
    { actor, action: 'login.create' },
    { actor, action: 'login.revoke' },
  ])
})

test("another account's login is not there to be revoked", async () => {
  const [laptop] = await pair()
  const mallory = await signInDevice(server, newPerson(), 'mallory')
  const answer = await api(mallory, `/api/logins/${laptop.login}/revoke`, 'POST')
  expect(answer).toMatchObject({ status: 404, body: { code: 'login_not_found' } })
  expect((await api(laptop, '/api/account')).status).toBe(200)
})

test('refresh tokens rotate and slide', async () => {
  const [laptop] = await pair()
  later(29 * 86_400)
  const second = await refresh(laptop)
  expect(second.refresh_token).not.toBe(laptop.tokens.refresh_token)
  later(29 * 86_400)
  expect(await outcome(refresh(laptop, second.refresh_token))).toBe('ok')
})

test('a login that was not used for 30 days is over, and leaves the list', async () => {
  const [laptop, phone] = await pair()
  later(20 * 86_400)
  const fresh = await refresh(phone)
  later(11 * 86_400)
  expect(await outcome(refresh(laptop))).toBe('invalid_grant')
  await server.identity.sweep()
  const { access_token } = await refresh(phone, fresh.refresh_token)
  const { body } = await api({ tokens: { access_token } }, '/api/logins')
  expect(body.logins.map((login: { name: string }) => login.name)).toEqual(['alice@phone'])
})

test('refreshes at the same time, and again within 30 seconds, all get the same tokens', async () => {
  const [laptop] = await pair()
  const answers = await Promise.all([refresh(laptop), refresh(laptop), refresh(laptop), refresh(laptop)])
  later(25)
  answers.push(await refresh(laptop))
  expect(new Set(answers.map(({ refresh_token }) => refresh_token)).size).toBe(1)
  expect(await outcome(refresh(laptop, answers[0]?.refresh_token))).toBe('ok')
})

test('an old refresh token after the grace ends that login and no other', async () => {
  const [laptop, phone] = await pair()
  const second = await refresh(laptop)
  later(31)
  expect(await outcome(refresh(laptop))).toBe('invalid_grant')
  expect(await outcome(refresh(laptop, second.refresh_token)), 'the newest goes with it').toBe('invalid_grant')
  expect(await api(laptop, '/api/account')).toMatchObject({ status: 401, body: { code: 'login_revoked' } })
  expect(await outcome(refresh(phone))).toBe('ok')
  expect((await api(phone, '/api/logins')).body.logins).toHaveLength(1)
})

test('signing out revokes the refresh token and ends the login', async () => {
  const [laptop, phone] = await pair()
  await client.tokenRevocation(laptop.config, laptop.tokens.refresh_token ?? '')
  expect((await api(laptop, '/api/account')).body.code).toBe('login_revoked')
  expect((await api(phone, '/api/account')).status).toBe(200)
})

test("knowing a client's id alone ends no login", async () => {
  const [laptop] = await pair()
  for (const path of ['token', 'revoke'])
    await fetch(`${server.url}/identity/oauth2/${path}`, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'refresh_token',
        client_id: laptop.clientId,
        refresh_token: 'guess',
        token: 'guess',
      }),
    })
  expect((await api(laptop, '/api/account')).status).toBe(200)
})

test('what is not a token of this backend is told from an expired one', async () => {
  const [laptop] = await pair()
  expect((await api({ tokens: { access_token: '' } }, '/api/account')).body.code).toBe('not_signed_in')
  expect((await api({ tokens: { access_token: 'x.y.z' } }, '/api/account')).body.code).toBe('token_invalid')
  later(3_601)
  expect((await api(laptop, '/api/account')).body.code).toBe('token_expired')
})

test('a client that registered and never signed in is gone a day later; one with a login stays', async () => {
  const [laptop] = await pair()
  const config = await client.dynamicClientRegistration(new URL(server.url), {}, client.None(), {
    algorithm: 'oauth2',
    execute: [client.allowInsecureRequests],
  })
  const known = async (id: string) =>
    (await server.db.selectFrom('auth_oauth_client').select('id').where('clientId', '=', id).execute()).length
  const unused = config.clientMetadata().client_id
  expect([await known(unused), await known(laptop.clientId)]).toEqual([1, 1])
  later(86_401)
  await server.identity.sweep()
  expect([await known(unused), await known(laptop.clientId), await known('spoq-cli')]).toEqual([0, 1, 1])
})
