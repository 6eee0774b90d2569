import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { oauth } from '@spoq/contracts/login'
import * as client from 'openid-client'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { registerDevice } from '../identity/test-device.ts'
import { Browser, startTestServer, type TestServer } from '../identity/test-server.ts'
import { firstTokenFile, placeFirstToken } from './first-token.ts'

let server: TestServer
let file: string

beforeEach(async () => {
  server = await startTestServer()
  file = firstTokenFile(server.dataDir)
})
afterEach(() => server.close())

const fresh = 'x'.repeat(43)
const user = { email: 'alice@example.com', name: 'Alice', password: 'correct horse' }

async function create(token: string, changed: Partial<typeof user> = {}) {
  const response = await fetch(`${server.url}/api/setup/first-account`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ token, ...user, ...changed }),
  })
  return { response, status: response.status, body: (await response.json()) as Record<string, string> }
}

test('the token makes one account and is gone', async () => {
  const token = readFileSync(file, 'utf8')
  expect(statSync(file).mode & 0o777).toBe(0o600)
  const made = await create(token)
  expect(made).toMatchObject({ status: 201, body: { email: user.email, name: user.name } })
  expect(existsSync(file)).toBe(false)
  expect(await create(token, { email: 'b@example.com' })).toMatchObject({ status: 403, body: { code: 'setup_closed' } })
})

test('another token makes none, and the right one still works', async () => {
  const token = readFileSync(file, 'utf8')
  for (const wrong of ['', 'x', `${token}x`, token.toLowerCase().replace(/./, '_')])
    expect((await create(wrong)).body.code).toBe('token_invalid')
  expect((await create(token)).status).toBe(201)
})

test('what cannot be an account leaves the token to try again with', async () => {
  const token = readFileSync(file, 'utf8')
  expect((await create(token, { password: 'short' })).status).toBe(400)
  expect((await create(token)).status).toBe(201)
})

test('of two requests at the same time one makes the account', async () => {
  const token = readFileSync(file, 'utf8')
  const answers = await Promise.all([create(token), create(token, { email: 'b@example.com' })])
  expect(answers.map(({ status }) => status).sort()).toEqual([201, 403])
  expect(await server.db.selectFrom('account').select('id').execute()).toHaveLength(1)
})

test('its cookie approves a login through the real flow, with our Origin alone', async () => {
  const { response } = await create(readFileSync(file, 'utf8'))
  const cookie = (response.headers.getSetCookie()[0] ?? '').split(';')[0] ?? ''
  const config = await registerDevice(server, 'alice@thinkpad')
  const { user_code, device_code } = await client.initiateDeviceAuthorization(config, {})
  const approve = (origin: string) =>
    fetch(`${server.url}/auth/authorize`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', cookie, origin },
      body: JSON.stringify({ code: user_code, decision: 'approve' }),
    })
  expect(await (await approve('https://evil.example')).json()).toMatchObject({ code: 'forbidden' })
  expect(await (await approve(server.url)).json()).toEqual({ code: user_code, status: 'approved' })
  expect((await client.genericGrantRequest(config, oauth.deviceGrant, { device_code })).refresh_token).toBeTruthy()
})

test('an account that was signed up for in the browser closes the setup too', async () => {
  const token = readFileSync(file, 'utf8')
  await new Browser(server.url).signUp('bob@example.com')
  expect(existsSync(file)).toBe(false)
  expect((await create(token)).body.code).toBe('setup_closed')
})

test('a token that a crash left beside an account is taken away at the next start', () => {
  placeFirstToken(server.dataDir, false, fresh)
  expect(readFileSync(file, 'utf8')).toBe(fresh)
  placeFirstToken(server.dataDir, true, fresh)
  expect(existsSync(file)).toBe(false)
})

test('a torn token file is made anew', () => {
  writeFileSync(file, 'abc')
  placeFirstToken(server.dataDir, false, fresh)
  expect(readFileSync(file, 'utf8')).toBe(fresh)
})

test('a user whose account a crash prevented gets it from the sweep', async () => {
  await create(readFileSync(file, 'utf8'))
  await server.db.deleteFrom('account').execute()
  await server.identity.sweep()
  expect(await server.db.selectFrom('account').select('email').execute()).toEqual([{ email: user.email }])
})
