import { oauth } from '@spoq/contracts/login'
import { showCredential } from '@spoq/contracts/token'
import { addTrust, listTrusts, type Trust } from '@spoq/contracts/trust'
import {
  type GithubActions,
  type Job,
  type Repository,
  startGithubActions,
} from '@spoq/workbench/stand-ins/github-actions'
import { decodeJwt, generateKeyPair, SignJWT } from 'jose'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { revocationsOf } from '../revocation.ts'
import { type SignedInDevice, signInDevice } from '../test-device.ts'
import { startTestServer, type TestServer } from '../test-server.ts'

const mine = 'mach_aaaaaaaaaaaaaaaa'
const theirs = 'mach_cccccccccccccccc'

let github: GithubActions
let server: TestServer
let alice: SignedInDevice
let bob: SignedInDevice
let repository: Repository
let trust: Trust
let job: Job

beforeAll(async () => {
  github = await startGithubActions()
  server = await startTestServer({ githubOidcUrl: github.url })
  alice = await signInDevice(server, 'alice@example.com', 'alice@thinkpad')
  bob = await signInDevice(server, 'bob@example.com', 'bob@desktop')
  server.machines.set(mine, alice.account).set(theirs, bob.account)
})
beforeEach(async () => {
  repository = github.createRepository('alice/site')
  trust = await add(alice)
  job = github.startJob(repository)
})
afterEach(() => void vi.useRealTimers())
afterAll(async () => {
  await server.close()
  await github[Symbol.asyncDispose]()
})

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

async function add(of: SignedInDevice, change: object = {}): Promise<Trust> {
  const asked = {
    repositoryId: repository.id,
    ref: 'refs/heads/main',
    scopes: ['account:read', 'machine:use'],
    ...change,
  }
  const { status, body } = await api(of.tokens.access_token, addTrust.path, asked)
  if (status !== 201) throw new Error(JSON.stringify(body))
  return body
}

async function exchange(token: string, more: Record<string, string> = {}) {
  const response = await fetch(`${server.url}/identity/oauth2/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: oauth.exchangeGrant,
      client_id: oauth.stockClient,
      subject_token: token,
      subject_token_type: oauth.idTokenType,
      audience: server.url,
      ...more,
    }),
  })
  return { status: response.status, body: (await response.json()) as Record<string, string> }
}

const idToken = (change = {}) => github.idToken(job, server.url, change)
const remove = (of: SignedInDevice, { id }: Trust) => api(of.tokens.access_token, `/api/trusts/${id}/remove`, {})

test('a job that fits gets 15 minutes of what the trust allows, here and on machines', async () => {
  const { status, body } = await exchange(await idToken())
  expect({ status, scope: body.scope, expires: Number(body.expires_in) }).toEqual({
    status: 200,
    scope: 'account:read machine:use',
    expires: 900,
  })
  const token = String(body.access_token)
  expect((await api(token, showCredential.path)).body).toMatchObject({
    kind: 'trust',
    id: trust.id,
    account: alice.account,
    scopes: ['account:read', 'machine:use'],
  })
  expect((await api(token, '/api/tokens', { name: 'x', scopes: ['account:read'] })).body.code).toBe('scope_missing')

  const machine = await exchange(token, { subject_token_type: oauth.accessTokenType, audience: mine })
  expect(machine).toMatchObject({ status: 200, body: { scope: 'machine:use' } })
  const { exp = 0, ...claims } = decodeJwt(String(machine.body.access_token))
  expect(claims).toMatchObject({ sub: alice.account, aud: mine, trust: trust.id })
  expect(exp, 'a machine does not make it longer').toBeLessThanOrEqual(decodeJwt(token).exp ?? 0)
  const foreign = await exchange(token, { subject_token_type: oauth.accessTokenType, audience: theirs })
  expect(foreign.body.error).toBe('invalid_target')

  later(901)
  expect((await api(token, '/api/account')).body.code).toBe('token_expired')
})

test('its token is taken once, also when it comes twice at the same time', async () => {
  const token = await idToken()
  const answers = await Promise.all([exchange(token), exchange(token), exchange(token)])
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 400, 400])
  expect((await exchange(token)).body).toMatchObject({ code: 'token_invalid' })
  await server.identity.sweep()
  expect((await exchange(token)).body).toMatchObject({ code: 'token_invalid' })
  later(900)
  await server.identity.sweep()
  expect(await server.db.selectFrom('trust_use').selectAll().execute()).toEqual([])
})

test('another repository that took over the name is nobody', async () => {
  job = github.startJob(github.createRepository(repository.name))
  expect((await exchange(await idToken())).body).toMatchObject({ error: 'invalid_request', code: 'trust_missing' })
})

test.each([
  ['another branch', 'refs/heads/mainly', 'push'],
  ['a tag of the name', 'refs/tags/main', 'push'],
  ['a branch whose name begins with it', 'refs/heads/main/x', 'push'],
  ['a pull request', 'refs/pull/7/merge', 'pull_request'],
  ['a pull request that says it is main', 'refs/heads/main', 'pull_request'],
  ['a pull request that runs on the base branch', 'refs/heads/main', 'pull_request_target'],
])('a job of %s gets nothing', async (_, ref, event) => {
  job = github.startJob(repository, { ref, event })
  expect((await exchange(await idToken())).body).toMatchObject({ code: 'trust_missing' })
})

test('forged, unsigned, symmetric, foreign and expired tokens are refused', async () => {
  const mallory = (await generateKeyPair('RS256')).privateKey
  const good = await idToken()
  const [header = '', payload = ''] = good.split('.')
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const other = github.createRepository('mallory/site')
  const symmetric = await new SignJWT(decodeJwt(good))
    .setProtectedHeader({ alg: 'HS256', kid: JSON.parse(Buffer.from(header, 'base64url').toString()).kid })
    .sign(new TextEncoder().encode('x'.repeat(32)))
  const forged: Record<string, string> = {
    'another signer': await idToken({ by: mallory }),
    'alg none': `${encode({ alg: 'none', typ: 'JWT' })}.${payload}.`,
    'alg None with the old signature': `${encode({ alg: 'None' })}.${payload}.${good.split('.')[2]}`,
    symmetric,
    'changed claims': `${header}.${encode({ ...decodeJwt(good), repository_id: other.id })}.${good.split('.')[2]}`,
    'an unknown key': await idToken({ header: { kid: 'another' } }),
    'another audience': await github.idToken(job, 'https://other.example'),
    "GitHub's own audience": await github.idToken(job, 'https://github.com/alice'),
    'another issuer': await idToken({ claims: { iss: 'https://evil.example' } }),
    'no end': await idToken({ claims: { exp: undefined } }),
    'no jti': await idToken({ claims: { jti: undefined } }),
    'no repository_id': await idToken({ claims: { repository_id: undefined } }),
    'a number for repository_id': await idToken({ claims: { repository_id: Number(repository.id) } }),
    'not valid yet': await idToken({ claims: { nbf: Math.floor(Date.now() / 1_000) + 60 } }),
    'an access token': alice.tokens.access_token,
    nonsense: 'x.y.z',
  }
  for (const [what, token] of Object.entries(forged))
    expect([what, (await exchange(token)).body.code]).toEqual([what, 'token_invalid'])
  const past = Math.floor(Date.now() / 1_000) - 10
  expect((await exchange(await idToken({ claims: { exp: past } }))).body.code).toBe('token_expired')
  expect((await exchange(good)).status, 'nothing of this used the real one up').toBe(200)
})

test("GitHub's keys are fetched once, and again when they change", async () => {
  const before = github.keyFetches
  await exchange(await idToken())
  await exchange(await idToken())
  expect(github.keyFetches - before).toBeLessThanOrEqual(1)
  await github.rotate()
  later(60)
  expect((await exchange(await idToken())).status).toBe(200)
})

test('anybody can trust anybody’s jobs: where several do, the job has to say whom it means', async () => {
  const bobs = await add(bob)
  expect((await exchange(await idToken())).body.code).toBe('which_trust')
  const named = await exchange(await idToken(), { trust: bobs.id })
  expect(decodeJwt(String(named.body.access_token)).sub).toBe(bob.account)
  const own = await exchange(await idToken(), { trust: trust.id })
  expect(decodeJwt(String(own.body.access_token)).sub).toBe(alice.account)
  expect((await exchange(await idToken(), { trust: 'trust_0123456789abcdef' })).body.code).toBe('trust_missing')
})

test('a trust that was removed lets nobody in, and what came of it is refused', async () => {
  const { body } = await exchange(await idToken())
  expect((await remove(bob, trust)).body.code).toBe('trust_not_found')
  server.told.length = 0
  expect((await remove(alice, trust)).status).toBe(204)
  const revoked = await revocationsOf(server.db, [alice.account], Date.now())
  expect(revoked).toMatchObject([{ credential: trust.id }])
  expect(revoked[0]?.until.getTime(), 'no machine token is longer').toBeGreaterThanOrEqual(Date.now() + 3_500_000)
  expect(server.told).toEqual([alice.account])
  expect((await api(String(body.access_token), '/api/account')).body.code).toBe('token_invalid')
  expect((await exchange(await idToken())).body.code).toBe('trust_missing')
  const audit = server.db.selectFrom('audit_record').select(['actor', 'action']).orderBy('id')
  expect(await audit.where('resource', '=', trust.id).execute()).toEqual([
    { actor: `account:${alice.account}`, action: 'trust.add' },
    { actor: `trust:${trust.id}`, action: 'trust.use' },
    { actor: `account:${alice.account}`, action: 'trust.remove' },
  ])
})

test('a trust for one machine opens that one', async () => {
  await remove(alice, trust)
  trust = await add(alice, { machine: mine })
  expect((await exchange(await idToken(), { audience: mine })).body.scope).toBe('machine:use')
  server.machines.set('mach_bbbbbbbbbbbbbbbb', alice.account)
  expect((await exchange(await idToken(), { audience: 'mach_bbbbbbbbbbbbbbbb' })).body.error).toBe('invalid_target')
  const foreign = { repositoryId: '1', ref: 'refs/heads/main', scopes: ['machine:use'], machine: theirs }
  expect((await api(alice.tokens.access_token, addTrust.path, foreign)).body.code).toBe('machine_not_found')
})

test('names, wildcards and pull requests cannot be trusted; each sees their own trusts', async () => {
  for (const wrong of [
    { repositoryId: 'alice/site' },
    { repositoryId: '0' },
    { repositoryId: '' },
    { ref: 'main' },
    { ref: 'refs/heads/*' },
    { ref: 'refs/pull/7/merge' },
    { ref: 'refs/heads/' },
    { scopes: ['security:write'] },
    { scopes: [] },
  ])
    await expect(add(alice, wrong)).rejects.toThrow('invalid_request')
  const { body } = await api(bob.tokens.access_token, listTrusts.path)
  expect(body.trusts.map(({ id }: Trust) => id)).not.toContain(trust.id)
})

test('when GitHub cannot be reached nobody gets in, and the answer says to come again', async () => {
  const away = await startTestServer({ githubOidcUrl: 'http://127.0.0.1:1' })
  const response = await fetch(`${away.url}/identity/oauth2/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: oauth.exchangeGrant,
      client_id: oauth.stockClient,
      subject_token: await github.idToken(job, away.url),
      subject_token_type: oauth.idTokenType,
      audience: away.url,
    }),
  })
  expect(response.status).toBe(503)
  expect(await response.json()).toMatchObject({ error: 'temporarily_unavailable', code: 'unavailable' })
  await away.close()
})
