import * as client from 'openid-client'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { revocationsOf } from '../revocation.ts'
import { registerDevice, signInDevice } from '../test-device.ts'
import { Browser, startTestServer, type TestServer } from '../test-server.ts'

let server: TestServer
let person = 0

beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server.close())
afterEach(() => void vi.useRealTimers())

const newPerson = () => `person-${++person}@example.com`
const later = (seconds: number) => void vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + seconds * 1_000 })

async function call(path: string, body: unknown) {
  const headers = { 'content-type': 'application/json' }
  const response = await fetch(`${server.url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) })
  const text = await response.text()
  return { status: response.status, text, code: text === '' ? null : (JSON.parse(text).code as string) }
}

const ask = (email: string) => call('/api/account/password-reset', { email })
const confirm = (token: string, password = 'a new password') =>
  call('/api/account/password-reset/confirm', { token, password })
const mailsTo = (email: string) => server.mails.filter(({ to }) => to === email)
const tokenTo = (email: string) => /token=([\w-]{43})\s/.exec(mailsTo(email).at(-1)?.text ?? '')?.[1] ?? ''
const canSignIn = async (email: string, password: string) =>
  (await new Browser(server.url).post('/auth/sign-in', { email, password })).status === 200

test('the link sets a new password, once, and ends every login and session', async () => {
  const email = newPerson()
  const laptop = await signInDevice(server, email, 'laptop')
  const phone = await signInDevice(server, laptop.browser, 'phone')
  const bystander = await signInDevice(server, newPerson(), 'laptop')
  await ask(email.toUpperCase())
  const token = tokenTo(email)
  expect((await confirm(token)).status).toBe(204)

  expect(await canSignIn(email, 'correct horse')).toBe(false)
  expect(await canSignIn(email, 'a new password')).toBe(true)
  for (const { config, tokens, browser } of [laptop, phone]) {
    await expect(client.refreshTokenGrant(config, tokens.refresh_token ?? '')).rejects.toMatchObject({
      error: 'invalid_grant',
    })
    expect((await browser.get('/auth/verify')).url.pathname).toBe('/auth/sign-in')
  }
  expect(
    (await revocationsOf(server.db, [laptop.account], Date.now())).map(({ credential }) => credential).sort(),
  ).toEqual([laptop.login, phone.login].sort())
  expect(
    (await client.refreshTokenGrant(bystander.config, bystander.tokens.refresh_token ?? '')).access_token,
  ).toBeTruthy()
  expect(mailsTo(email).at(-1)?.subject).toBe('Your Spoq password was changed')

  expect((await confirm(token, 'another password')).code).toBe('code_expired')
  expect(await canSignIn(email, 'a new password')).toBe(true)
})

test('of two uses at once one wins', async () => {
  const email = newPerson()
  await new Browser(server.url).signUp(email)
  await ask(email)
  const both = await Promise.all([confirm(tokenTo(email), 'password one'), confirm(tokenTo(email), 'password two')])
  expect(both.map(({ status }) => status).sort()).toEqual([204, 400])
  const works = await Promise.all([canSignIn(email, 'password one'), canSignIn(email, 'password two')])
  expect(works.filter(Boolean)).toHaveLength(1)
})

test('a link is over after an hour, after a newer one, and never works changed', async () => {
  const email = newPerson()
  await new Browser(server.url).signUp(email)
  await ask(email)
  const first = tokenTo(email)
  await ask(email)
  expect((await confirm(first)).code).toBe('code_expired')
  const second = tokenTo(email)
  for (const changed of ['', second.slice(1), `${second}x`, second.toLowerCase().replace(/./, '_')])
    expect((await confirm(changed)).code).toBe('code_expired')
  expect((await confirm(second, 'short')).code).toBe('invalid_request')
  later(3_601)
  expect((await confirm(second)).code).toBe('code_expired')
})

test('whether there is an account nobody learns: one answer, the same rows, a mail to its owner alone', async () => {
  const [known, unknown] = [newPerson(), newPerson()]
  await new Browser(server.url).signUp(known)
  const before = server.mails.length
  const [a, b] = [await ask(known), await ask(unknown)]
  expect(a).toEqual(b)
  expect(server.mails.length).toBe(before + 1)
  const pages = await Promise.all(
    [known, unknown].map(email => new Browser(server.url).post('/auth/forgot', { email })),
  )
  expect(pages[0]?.text).toBe(pages[1]?.text)

  // What would be the account's row is written for nobody as well, and is over at once.
  const row = server.db.selectFrom('one_time').select('expires_at').where('account_id', '=', '-')
  expect((await row.executeTakeFirstOrThrow()).expires_at.getTime()).toBeLessThanOrEqual(Date.now())
})

test('nobody has it asked for without end', async () => {
  const statuses: number[] = []
  for (let i = 0; i < 6; i++) statuses.push((await ask('flood@example.com')).status)
  expect(statuses).toEqual([204, 204, 204, 204, 204, 429])
})

test('a sign-in that was under way when the password was reset is over', async () => {
  const email = newPerson()
  const thief = new Browser(server.url)
  await thief.signUp(email)
  const config = await registerDevice(server, 'thief')
  const started = await client.initiateDeviceAuthorization(config, {})
  expect((await thief.post('/auth/authorize', { code: started.user_code, decision: 'approve' })).status).toBe(200)
  await ask(email)
  await confirm(tokenTo(email))
  const got = client.genericGrantRequest(config, 'urn:ietf:params:oauth:grant-type:device_code', {
    device_code: started.device_code,
  })
  await expect(got).rejects.toThrow()
})

test('the pages: looking uses nothing up, another site changes nothing, the link leads nowhere else', async () => {
  const email = newPerson()
  await new Browser(server.url).signUp(email)
  const browser = new Browser(server.url)
  expect((await browser.get('/auth/sign-in')).text).toContain('href="/auth/forgot"')
  expect((await browser.post('/auth/forgot', { email }, 'https://evil.example')).status).toBe(403)
  expect(mailsTo(email)).toHaveLength(0)
  expect((await browser.post('/auth/forgot', { email })).text).toContain('Look into your mail')
  const token = tokenTo(email)
  expect(mailsTo(email)[0]?.text).toContain(`${server.url}/auth/reset?token=`)
  for (let i = 0; i < 3; i++) expect((await browser.get(`/auth/reset?token=${token}`)).status).toBe(200)
  const fields = { token, password: 'a new password' }
  expect((await browser.post('/auth/reset', fields, 'https://evil.example')).status).toBe(403)
  expect((await browser.post('/auth/reset', { ...fields, password: 'short' })).text).toContain('8 to 128')
  expect((await browser.post('/auth/reset', fields)).text).toContain('The password is changed')
  expect((await browser.get(`/auth/reset?token=${token}`)).status).toBe(400)
})

test('nothing that leads in for long outlives it: neither a token nor a trust', async () => {
  const email = newPerson()
  const device = await signInDevice(server, email, 'laptop')
  const headers = { authorization: `Bearer ${device.tokens.access_token}`, 'content-type': 'application/json' }
  const make = async (path: string, body: object) =>
    (await fetch(`${server.url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) })).json() as Promise<{
      secret: string
    }>
  const { secret } = await make('/api/tokens', { name: 'ci', scopes: ['account:read'], expiresIn: 3_600 })
  await make('/api/trusts', { repositoryId: '7', ref: 'refs/heads/main', scopes: ['account:read'] })
  const uses = async () =>
    (await fetch(`${server.url}/api/account`, { headers: { authorization: `Bearer ${secret}` } })).status
  expect(await uses()).toBe(200)
  await ask(email)
  await confirm(tokenTo(email))
  expect(await uses()).toBe(401)
  expect(await server.db.selectFrom('trust').select('id').where('account_id', '=', device.account).execute()).toEqual(
    [],
  )
  const told = server.db.selectFrom('audit_record').select('action').where('account_id', '=', device.account)
  const actions = (await told.execute()).map(({ action }) => action)
  expect(actions).toEqual(
    expect.arrayContaining(['token.create', 'trust.add', 'token.revoke', 'trust.remove', 'password.reset']),
  )
})
