import { oauth } from '@spoq/contracts/login'
import { createToken, listTokens, revokeToken, showCredential, type Token, tokenScopes } from '@spoq/contracts/token'
import { decodeJwt } from 'jose'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { revocationsOf } from '../revocation.ts'
import { type SignedInDevice, signInDevice } from '../test-device.ts'
import { startTestServer, type TestServer } from '../test-server.ts'

const mine = 'mach_aaaaaaaaaaaaaaaa'
const mineToo = 'mach_bbbbbbbbbbbbbbbb'
const theirs = 'mach_cccccccccccccccc'
const day = 86_400

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

const later = (seconds: number) => void vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + seconds * 1_000 })

async function api(bearer: string, path: string, body?: object) {
  const response = await fetch(`${server.url}${path}`, {
    method: body ? 'POST' : 'GET',
    headers: { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' },
    ...(body ? { body: JSON.stringify(body) } : {}),
  })
  const text = await response.text()
  return { status: response.status, body: text === '' ? null : JSON.parse(text) }
}

async function make(asked: object, of = alice): Promise<{ token: Token; secret: string }> {
  const { status, body } = await api(of.tokens.access_token, createToken.path, {
    name: 'ci',
    scopes: ['machine:read', 'machine:use'],
    ...asked,
  })
  if (status !== 201) throw new Error(JSON.stringify(body))
  return body
}

async function exchange(secret: string, machine: string, more: Record<string, string> = {}) {
  const response = await fetch(`${server.url}/identity/oauth2/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: oauth.exchangeGrant,
      client_id: oauth.stockClient,
      subject_token: secret,
      subject_token_type: oauth.accessTokenType,
      audience: machine,
      ...more,
    }),
  })
  return { status: response.status, body: (await response.json()) as Record<string, never> }
}

test('its secret is answered once and kept as a hash; it is listed with where it was used', async () => {
  const { token, secret } = await make({ name: 'nightly', scopes: ['account:read'] })
  expect(token).toMatchObject({ name: 'nightly', scopes: ['account:read'], machine: null, lastUsedAt: null })
  expect(Date.parse(token.expiresAt) - Date.parse(token.createdAt)).toBe(90 * day * 1_000)
  const rows = await server.db.selectFrom('access_token').selectAll().execute()
  expect(JSON.stringify(rows)).not.toContain(secret.slice(9))
  expect(await api(secret, '/api/account')).toMatchObject({ status: 200, body: { id: alice.account } })
  const listed = await api(secret, listTokens.path)
  expect(listed.body.tokens).toContainEqual({
    ...token,
    lastUsedAt: expect.any(String),
    lastUsedFrom: '127.0.0.1',
  })
  expect(JSON.stringify(listed.body)).not.toContain('spoq_pat')
})

test('a name, a scope or a life that cannot be is refused', async () => {
  for (const wrong of [
    { name: '' },
    { name: 'x\u001b[31m' },
    { scopes: [] },
    { scopes: ['security:write'] },
    { scopes: ['everything'] },
    { expiresIn: 59 },
    { expiresIn: 366 * day + 1 },
    { expiresIn: 1.5 },
  ]) {
    const answer = await api(alice.tokens.access_token, createToken.path, {
      name: 'x',
      scopes: ['account:read'],
      ...wrong,
    })
    expect([JSON.stringify(wrong), answer.body.code]).toEqual([JSON.stringify(wrong), 'invalid_request'])
  }
  expect((await make({ expiresIn: 366 * day })).token.name).toBe('ci')
})

test('with every scope there is it makes, widens and revokes no token, and ends no login', async () => {
  const { token, secret } = await make({ scopes: tokenScopes })
  for (const [path, body] of [
    [createToken.path, { name: 'x', scopes: ['account:read'] }],
    [`/api/tokens/${token.id}/revoke`, {}],
    [`/api/logins/${alice.login}/revoke`, {}],
    ['/api/trusts', { repositoryId: '1', ref: 'refs/heads/main', scopes: ['account:read'] }],
  ] as const)
    expect(await api(secret, path, body)).toMatchObject({
      status: 403,
      body: { code: 'scope_missing', detail: 'This needs security:write, which only a login has.' },
    })
  const asForm = { method: 'POST', headers: { authorization: `Bearer ${secret}` }, body: new URLSearchParams() }
  for (const path of ['/auth/authorize', '/auth/consent']) {
    const answer = await fetch(`${server.url}${path}`, asForm)
    expect([path, answer.ok]).toEqual([path, false])
  }
})

test('too little scope is refused with the name of the scope', async () => {
  const { secret } = await make({ scopes: ['machine:use'] })
  expect(await api(secret, '/api/account')).toMatchObject({
    status: 403,
    body: { code: 'scope_missing', detail: 'This needs the scope account:read.' },
  })
})

test('it is exchanged for a machine, with its scopes of machines and no longer than it lives', async () => {
  const { token, secret } = await make({ scopes: ['account:read', 'machine:use'], expiresIn: 600 })
  const { status, body } = await exchange(secret, mine)
  expect({ status, scope: body.scope }).toEqual({ status: 200, scope: 'machine:use' })
  expect(Number(body.expires_in)).toBeLessThanOrEqual(600)
  const claims = decodeJwt(String(body.access_token))
  expect(claims).toMatchObject({ sub: alice.account, aud: mine, scope: 'machine:use', token: token.id })
  expect(claims).not.toHaveProperty('login')
  expect((await api(String(body.access_token), '/api/account')).body.code).toBe('token_invalid')
  expect((await exchange(secret, theirs)).body.error).toBe('invalid_target')
  expect((await exchange(secret, server.url)).body.error).toBe('invalid_target')
})

test('without a scope of machines it is exchanged for none', async () => {
  const { secret } = await make({ scopes: ['account:read', 'account:write'] })
  expect((await exchange(secret, mine)).body).toMatchObject({ error: 'invalid_scope', code: 'scope_missing' })
})

test('one for a single machine opens no other', async () => {
  const { secret } = await make({ machine: mine })
  expect((await exchange(secret, mine)).status).toBe(200)
  expect((await exchange(secret, mineToo)).body.error).toBe('invalid_target')
  const foreign = { name: 'x', scopes: ['machine:use'], machine: theirs }
  expect(await api(alice.tokens.access_token, createToken.path, foreign)).toMatchObject({
    status: 404,
    body: { code: 'machine_not_found' },
  })
})

test('revoked it is refused at once, and the audit says who made and ended it', async () => {
  const { token, secret } = await make({ scopes: ['account:read', 'machine:use'] })
  expect((await api(secret, '/api/account')).status).toBe(200)
  const path = revokeToken.path.replace('{token}', token.id)
  expect((await api(bob.tokens.access_token, path, {})).body.code).toBe('token_not_found')
  const revoked = async () => (await revocationsOf(server.db, [alice.account], Date.now())).map(one => one.credential)
  expect(await revoked()).not.toContain(token.id)
  server.told.length = 0
  expect((await api(alice.tokens.access_token, path, {})).status).toBe(204)
  expect([await revoked(), server.told]).toEqual([expect.arrayContaining([token.id]), [alice.account]])
  expect((await api(alice.tokens.access_token, path, {})).body.code).toBe('token_not_found')
  expect(await api(secret, '/api/account')).toMatchObject({ status: 401, body: { code: 'token_invalid' } })
  expect((await exchange(secret, mine)).body).toMatchObject({ error: 'invalid_request', code: 'token_invalid' })
  const audit = server.db.selectFrom('audit_record').select(['actor', 'action', 'reason']).orderBy('id')
  expect(await audit.where('resource', '=', token.id).execute()).toEqual([
    { actor: `account:${alice.account}`, action: 'token.create', reason: 'account:read machine:use' },
    { actor: `account:${alice.account}`, action: 'token.revoke', reason: null },
  ])
})

test('expired it is refused and leaves the list', async () => {
  const { token, secret } = await make({ scopes: ['account:read'], expiresIn: 60 })
  later(61)
  expect(await api(secret, '/api/account')).toMatchObject({ status: 401, body: { code: 'token_expired' } })
  const { body } = await api(alice.tokens.access_token, listTokens.path)
  expect(body.tokens.map(({ id }: Token) => id)).not.toContain(token.id)
})

test('a guess, a slip of the keyboard and a hash are no tokens', async () => {
  const { secret } = await make({ scopes: ['account:read'] })
  const { hash } = await server.db.selectFrom('access_token').select('hash').executeTakeFirstOrThrow()
  for (const wrong of [secret.slice(0, -1), `${secret.slice(0, -1)}_`, 'spoq_pat_', `spoq_pat_${hash}`, hash])
    expect((await api(wrong, '/api/account')).body.code).toBe('token_invalid')
})

test("another account's tokens are not listed", async () => {
  const { token } = await make({}, bob)
  const { body } = await api(alice.tokens.access_token, listTokens.path)
  expect(body.tokens.map(({ id }: Token) => id)).not.toContain(token.id)
})

test('each may see what it is itself', async () => {
  const { token, secret } = await make({ scopes: ['machine:use'], machine: mine })
  expect((await api(secret, showCredential.path)).body).toEqual({
    kind: 'token',
    id: token.id,
    name: 'ci',
    account: alice.account,
    scopes: ['machine:use'],
    machine: mine,
    expiresAt: token.expiresAt,
  })
  expect((await api(alice.tokens.access_token, showCredential.path)).body).toMatchObject({
    kind: 'login',
    id: alice.login,
    name: 'alice@thinkpad',
    scopes: expect.arrayContaining(['security:write', 'machine:use']),
  })
})
