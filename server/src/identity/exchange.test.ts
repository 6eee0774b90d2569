import { oauth } from '@spoq/contracts/login'
import { createRemoteJWKSet, decodeJwt, errors, jwtVerify } from 'jose'
import * as client from 'openid-client'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { type SignedInDevice, signInDevice } from './test-device.ts'
import { startTestServer, type TestServer } from './test-server.ts'

const mine = 'mach_aaaaaaaaaaaaaaaa'
const mineToo = 'mach_bbbbbbbbbbbbbbbb'
const theirs = 'mach_cccccccccccccccc'

let server: TestServer
let alice: SignedInDevice
let bob: SignedInDevice

beforeAll(async () => {
  server = await startTestServer()
  alice = await signInDevice(server, 'alice@example.com', 'alice@thinkpad')
  bob = await signInDevice(server, 'bob@example.com', 'bob@desktop')
  server.machines.set(mine, alice.account).set(mineToo, alice.account).set(theirs, bob.account)
})
afterAll(() => server.close())
afterEach(() => void vi.useRealTimers())

const exchange = (from: SignedInDevice, machine: string, more: Record<string, string> = {}) =>
  client.genericGrantRequest(from.config, oauth.exchangeGrant, {
    subject_token: from.tokens.access_token,
    subject_token_type: oauth.accessTokenType,
    audience: machine,
    ...more,
  })

const refusal = (promise: Promise<unknown>) =>
  promise.then(
    () => 'none',
    (error: client.ResponseBodyError) => error.error,
  )

/** What a Conductor does: it knows the issuer, the keys' address, its own id and its members. */
function conductor(machine: string, members: string[]) {
  const keys = createRemoteJWKSet(new URL(server.identity.jwksUrl))
  return async (token: string) => {
    const options = { issuer: server.identity.issuer, audience: machine, typ: 'at+jwt', algorithms: ['EdDSA'] }
    const { payload } = await jwtVerify(token, keys, options)
    if (!members.includes(payload.sub ?? '')) throw new Error('somebody else')
    return payload
  }
}

test("a login's token opens the right machine of the right owner, and nothing else", async () => {
  const { access_token: token, expires_in, scope, issued_token_type } = await exchange(alice, mine)
  expect({ expires_in, scope, issued_token_type }).toEqual({
    expires_in: 3_600,
    scope: 'machine:read machine:write machine:use',
    issued_token_type: oauth.accessTokenType,
  })
  const payload = await conductor(mine, [alice.account])(token)
  expect(payload).toMatchObject({ sub: alice.account, aud: mine, client_id: alice.clientId, login: alice.login })
  await expect(conductor(mineToo, [alice.account])(token)).rejects.toThrow(errors.JWTClaimValidationFailed)
  await expect(conductor(mine, [bob.account])(token)).rejects.toThrow('somebody else')
  await expect(conductor(mine, [alice.account])(alice.tokens.access_token)).rejects.toThrow()
  const here = await fetch(`${server.url}/api/account`, { headers: { authorization: `Bearer ${token}` } })
  expect(await here.json()).toMatchObject({ code: 'token_invalid' })
})

test('a tampered token and an expired one are refused', async () => {
  const { access_token: token } = await exchange(alice, mine)
  const [header, payload, signature] = token.split('.')
  const forged = Buffer.from(JSON.stringify({ ...decodeJwt(token), aud: mineToo })).toString('base64url')
  expect(payload).not.toBe(forged)
  await expect(conductor(mineToo, [alice.account])([header, forged, signature].join('.'))).rejects.toThrow(
    errors.JWSSignatureVerificationFailed,
  )
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 3_601_000 })
  await expect(conductor(mine, [alice.account])(token)).rejects.toThrow(errors.JWTExpired)
})

test('the backend knows whose token for a machine it is, as the machine would', async () => {
  const { callerOf } = server.identity
  const { access_token: token } = await exchange(alice, mine)
  expect(await callerOf(token, mine)).toEqual({ account: alice.account, credential: alice.login })
  expect(await callerOf(await server.identity.machineToken(mine), mine)).toEqual({ account: null, credential: null })
  await expect(callerOf(token, mineToo)).rejects.toMatchObject({ code: 'forbidden' })
  await expect(callerOf(alice.tokens.access_token, mine)).rejects.toMatchObject({ code: 'forbidden' })
  const [header, , signature] = token.split('.')
  const changed = Buffer.from(JSON.stringify({ ...decodeJwt(token), sub: bob.account })).toString('base64url')
  for (const forged of [[header, changed, signature].join('.'), 'nonsense', ''])
    await expect(callerOf(forged, mine)).rejects.toMatchObject({ code: 'token_invalid' })
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 3_601_000 })
  await expect(callerOf(token, mine)).rejects.toMatchObject({ code: 'token_expired' })
})

test("another owner's machine and one that does not exist are refused alike", async () => {
  expect(await refusal(exchange(alice, theirs))).toBe('invalid_target')
  expect(await refusal(exchange(alice, 'mach_dddddddddddddddd'))).toBe('invalid_target')
  expect(await refusal(exchange(alice, server.url))).toBe('invalid_target')
})

test('a machine token, a stolen one, nonsense and an expired one exchange for nothing', async () => {
  const { access_token: machineToken } = await exchange(alice, mine)
  expect(await refusal(exchange(alice, mineToo, { subject_token: machineToken }))).toBe('invalid_request')
  expect(await refusal(exchange(bob, theirs, { subject_token: alice.tokens.access_token }))).toBe('invalid_request')
  expect(await refusal(exchange(alice, mine, { subject_token: 'nonsense' }))).toBe('invalid_request')
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 3_601_000 })
  expect(await refusal(exchange(alice, mine))).toBe('invalid_request')
})

test('a login without the machine scope gets no machine', async () => {
  const narrow = await signInDevice(server, 'narrow@example.com', 'kiosk', { scope: 'account' })
  server.machines.set('mach_eeeeeeeeeeeeeeee', narrow.account)
  expect(narrow.tokens.refresh_token).toBeUndefined()
  expect(await refusal(exchange(narrow, 'mach_eeeeeeeeeeeeeeee'))).toBe('invalid_scope')
})
