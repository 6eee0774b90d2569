import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { oauth } from '@spoq/contracts/login'
import { codes } from '@spoq/contracts/problem'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { lastJson, spoq, temporaryFolder } from '../testing.ts'
import { type StandIn, startStandIn } from './stand-in.ts'

let standIn: StandIn
let folder: ReturnType<typeof temporaryFolder>

beforeEach(async () => {
  standIn = await startStandIn()
  folder = temporaryFolder()
})
afterEach(async () => {
  folder[Symbol.dispose]()
  await standIn[Symbol.asyncDispose]()
})

const run = (...args: string[]) => spoq(args, { SPOQ_DATA_DIR: folder.path, SPOQ_SERVER: standIn.url })
const file = (name: string) => join(folder.path, 'cli', name)
const signIn = () => run('login', '--device')
const refreshes = () => standIn.granted.filter(type => type === 'refresh_token').length

/** Makes the kept access token one that has run out. */
function expire(): void {
  const kept = JSON.parse(readFileSync(file('credentials.json'), 'utf8'))
  const name = `login ${standIn.url}`
  writeFileSync(
    file('credentials.json'),
    JSON.stringify({ [name]: JSON.stringify({ ...JSON.parse(kept[name]), expiresAt: 0 }) }),
  )
}

test('the device flow shows words and an address, then says who is signed in', async () => {
  const { status, stdout, stderr } = await signIn()
  expect({ status, stdout }).toEqual({ status: 0, stdout: 'Signed in as alice@example.com.\n' })
  expect(stderr).toContain('BLUE-FISH-TREE')
  expect(stderr).toContain(`${standIn.url}/auth/verify?code=BLUE-FISH-TREE`)
  expect((await run('whoami')).stdout).toContain('alice@example.com')
})

test('without a keychain the login is in a file of this user alone, which is said once', async () => {
  expect((await signIn()).stderr).toContain(file('credentials.json'))
  expect(statSync(file('credentials.json')).mode & 0o777).toBe(0o600)
  expect(statSync(join(folder.path, 'cli')).mode & 0o777).toBe(0o700)
  expect(readFileSync(file('config.json'), 'utf8')).not.toMatch(/access-|refresh-/)
  expect((await signIn()).stderr).not.toContain('keychain')
})

test('--start returns at once, --finish completes, and until then it is pending', async () => {
  standIn.script.grants = { [oauth.deviceGrant]: 'authorization_pending' }
  const started = JSON.parse((await run('login', '--start')).stdout)
  expect(started).toEqual({
    verificationUrl: `${standIn.url}/auth/verify?code=BLUE-FISH-TREE`,
    words: 'BLUE-FISH-TREE',
    expiresIn: 600,
  })
  expect(statSync(file('sign-in.json')).mode & 0o777).toBe(0o600)
  expect(lastJson(await run('login', '--finish', '--no-wait', '--json'))).toEqual({ status: 'pending' })
  standIn.script.grants = {}
  expect(lastJson(await run('login', '--finish', '--json'))).toMatchObject({ status: 'signed_in' })
  expect(existsSync(file('sign-in.json'))).toBe(false)
})

test.each([
  ['access_denied', 'code_denied'],
  ['expired_token', 'code_expired'],
  ['invalid_grant', 'code_expired'],
] as const)('a device that is told %s ends with %s', async (answered, code) => {
  standIn.script.grants = { [oauth.deviceGrant]: answered }
  const ran = await run('login', '--device', '--json')
  expect(ran.status).toBe(codes[code].exit)
  expect(lastJson(ran).error).toMatchObject({ code, next: codes[code].next })
  expect(existsSync(file('credentials.json'))).toBe(false)
})

test.each([
  [200, 'text/html', '<h1>hello</h1>'],
  [404, 'text/plain', 'no'],
  [200, 'application/json', '{}'],
])('a server that answers %i %s is not taken for Spoq', async (status, type, body) => {
  const other = createServer((_, response) => response.writeHead(status, { 'content-type': type }).end(body))
  await new Promise<void>(resolve => other.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(other.address() as AddressInfo).port}`
  const ran = await run('login', '--device', '--server', url, '--json')
  other.close()
  expect(ran.status).toBe(codes.server_not_spoq.exit)
  expect(lastJson(ran).error).toMatchObject({ code: 'server_not_spoq', message: expect.stringContaining(url) })
})

test('four processes at once refresh once', async () => {
  await signIn()
  expire()
  standIn.script.tokenDelayMs = 300
  const ran = await Promise.all(Array.from({ length: 4 }, () => run('whoami')))
  expect(ran.map(({ status }) => status)).toEqual([0, 0, 0, 0])
  expect(refreshes()).toBe(1)
})

test('a token that the server refuses is refreshed once, whatever this clock says', async () => {
  await signIn()
  standIn.valid.clear()
  expect((await run('whoami')).status).toBe(0)
  expect(refreshes()).toBe(1)
})

test('a refresh that fails keeps the login as it was', async () => {
  await signIn()
  expire()
  const before = readFileSync(file('credentials.json'), 'utf8')
  standIn.script.grants = { refresh_token: 'temporarily_unavailable' }
  expect((await run('whoami')).status).toBe(codes.unavailable.exit)
  expect(readFileSync(file('credentials.json'), 'utf8')).toBe(before)
  standIn.script.grants = {}
  expect((await run('whoami')).status).toBe(0)
})

test('a login that was ended says so', async () => {
  await signIn()
  expire()
  standIn.script.grants = { refresh_token: 'invalid_grant' }
  const ran = await run('whoami', '--json')
  expect(ran.status).toBe(codes.login_revoked.exit)
  expect(lastJson(ran).error.code).toBe('login_revoked')
})

test.each([
  [60, '60 minutes behind'],
  [-60, '60 minutes ahead of'],
])('a clock that is %i minutes off is named when tokens are refused', async (minutes, said) => {
  await signIn()
  standIn.script.clockAheadMs = minutes * 60_000
  standIn.script.refuses = true
  const ran = await run('whoami', '--json')
  expect(ran.status).toBe(codes.clock_off.exit)
  expect(lastJson(ran).error).toMatchObject({ code: 'clock_off', message: expect.stringContaining(said) })
})

test('logout forgets the login and ends it on the server', async () => {
  await signIn()
  expect(lastJson(await run('logout', '--json'))).toEqual({ server: standIn.url, revoked: true })
  expect(existsSync(file('credentials.json'))).toBe(false)
  expect((await run('whoami')).status).toBe(codes.not_signed_in.exit)
})

test('a login whose keychain keeps silent is locked, not signed out', async () => {
  await signIn()
  const settings = JSON.parse(readFileSync(file('config.json'), 'utf8'))
  settings.logins[standIn.url].store = 'keychain'
  writeFileSync(file('config.json'), JSON.stringify(settings))
  const ran = await run('whoami', '--json')
  expect(ran.status).toBe(codes.login_locked.exit)
  expect(lastJson(ran).error.code).toBe('login_locked')
})

test('a data folder that cannot be made is named', async () => {
  writeFileSync(join(folder.path, 'cli'), '')
  const ran = await run('login', '--start', '--json')
  expect(ran.status).toBe(codes.config_invalid.exit)
  expect(lastJson(ran).error.message).toContain(join(folder.path, 'cli'))
})

test('SPOQ_TOKEN is the login of a script', async () => {
  standIn.valid.add('given')
  const ran = await spoq(['whoami'], { SPOQ_DATA_DIR: folder.path, SPOQ_SERVER: standIn.url, SPOQ_TOKEN: 'given' })
  expect(ran.stdout).toContain('alice@example.com')
  expect(standIn.granted).toEqual([])
})
