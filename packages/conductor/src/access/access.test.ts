import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { call } from '@spoq/client/call'
import { type AccessSnapshot, backendScope, setAccess, showAccess } from '@spoq/contracts/access'
import type { ErrorCode } from '@spoq/contracts/problem'
import fc from 'fast-check'
import type { JWTPayload } from 'jose'
import { expect, test } from 'vitest'
import { alice, testBackend } from '../testing/backend.ts'
import { machineFolder, overLocal, startMachine } from '../testing/machine.ts'
import { openAccess } from './access.ts'

const start = Date.parse('2026-11-21T10:00:00Z')
const laptop = 'login_0123456789abcdef0123'
const phone = 'login_abcdefabcdefabcdef01'
const nightly = 'token_0123456789abcdef0123'
const jobs = 'trust_0123456789abcdef0123'
const bob = 'bobaccount000000001'
const within = (ms: number) => new Date(start + ms).toISOString()
const hour = 3_600_000

async function machine() {
  let time = start
  const { sign, config } = await testBackend(start)
  const folder = machineFolder({ ...config, edge: { host: '127.0.0.1', port: 0 } })
  const open = () => startMachine(folder, { now: () => time })
  let conductor = await open()
  const send = (path: string, token: string, init: RequestInit = {}) =>
    fetch(`${conductor.endpoint}${path}`, {
      ...init,
      headers: { authorization: `Bearer ${token}`, connection: 'close', ...init.headers },
    })
  const ask = async (path: string, token: string, init: RequestInit = {}) => {
    const response = await send(path, token, init)
    const body = (await response.json()) as { code?: ErrorCode; number?: number }
    return { status: response.status, code: body.code, number: body.number }
  }
  const ours = (change: JWTPayload = {}) => sign({ sub: config.issuer, scope: backendScope, ...change })
  const put = async (snapshot: Partial<AccessSnapshot>, token?: string) =>
    ask('/api/access', token ?? (await ours()), {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ number: 1, members: [alice], revoked: [], ...snapshot }),
    })
  return {
    sign,
    ours,
    ask,
    put,
    send,
    folder,
    pass: (ms: number) => {
      time += ms
    },
    restart: async () => {
      await conductor.stop()
      conductor = await open()
    },
    local: () => overLocal(conductor.socket),
  }
}

test('a login that was ended is refused, the others of the account are not, also after a restart', async () => {
  const { sign, ask, put, restart } = await machine()
  const [ended, alive] = [await sign({ login: laptop }), await sign({ login: phone })]
  expect(await ask('/api/status', ended)).toMatchObject({ status: 200 })
  expect(await put({ revoked: [{ login: laptop, until: within(hour) }] })).toMatchObject({ status: 200, number: 1 })
  const refused = { status: 401, code: 'login_revoked' }
  expect(await ask('/api/status', ended)).toMatchObject(refused)
  expect(await ask('/api/status', alive)).toMatchObject({ status: 200 })
  await restart()
  expect(await ask('/api/status', ended)).toMatchObject(refused)
  expect(await ask('/api/status', alive)).toMatchObject({ status: 200 })
})

test('so are a personal access token and a trust that were ended, and no others', async () => {
  const { sign, ask, put, restart } = await machine()
  const [token, trust] = [await sign({ token: nightly }), await sign({ trust: jobs })]
  const others = [await sign({ login: laptop }), await sign({ token: 'token_abcdefabcdefabcdef01' }), await sign()]
  const statuses = async () =>
    Promise.all([token, trust, ...others].map(async one => (await ask('/api/status', one)).status))
  expect(await statuses()).toEqual([200, 200, 200, 200, 200])
  const ended = (credential: string) => ({ credential, until: within(hour) })
  await put({ revokedTokens: [ended(nightly)] })
  expect(await statuses()).toEqual([401, 200, 200, 200, 200])
  await put({ number: 2, revokedTokens: [ended(nightly), ended(jobs)] })
  expect(await statuses()).toEqual([401, 401, 200, 200, 200])
  expect(await ask('/api/status', token)).toMatchObject({ code: 'token_invalid' })
  await restart()
  expect(await statuses()).toEqual([401, 401, 200, 200, 200])
})

test('what was told before there was more than logins is still gone by', async () => {
  const { sign, ask, put, restart, folder } = await machine()
  const ended = await sign({ login: laptop })
  await put({ revoked: [{ login: laptop, until: within(hour) }] })
  const { revokedTokens, ...old } = JSON.parse(readFileSync(join(folder, 'access.json'), 'utf8'))
  expect(revokedTokens).toEqual([])
  writeFileSync(join(folder, 'access.json'), JSON.stringify(old))
  await restart()
  expect(await ask('/api/status', ended)).toMatchObject({ status: 401, code: 'login_revoked' })
})

test.each([
  ['login', { login: laptop }, { revoked: [{ login: laptop, until: within(hour) }] }],
  ['token', { token: nightly }, { revokedTokens: [{ credential: nightly, until: within(hour) }] }],
])('what a %s reads is cut when it ends, and what others read goes on', async (_, claim, told) => {
  const { sign, send, put } = await machine()
  const [ended, alive] = [await sign(claim), await sign({ login: phone })]
  const json = { 'content-type': 'application/json' }
  const asked = { method: 'POST', headers: json, body: JSON.stringify({ command: ['sleep', '30'], detach: true }) }
  const { run } = (await (await send('/api/run', alive, asked)).json()) as { run: string }
  const reader = async (token: string) =>
    (await send(`/api/runs/${run}/events`, token)).body?.getReader() ?? expect.fail('no stream')
  const [cut, kept] = [await reader(ended), await reader(alive)]
  const readAll = async () => {
    while (!(await cut.read()).done);
  }
  const reading = readAll()
  await put(told)
  await expect(reading).rejects.toThrow()
  expect((await kept.read()).done).toBe(false)
  await kept.cancel()
})

test('profiles that are left out stay as they are, and an empty list ends them', async () => {
  const { put, folder } = await machine()
  const kept = () => JSON.parse(readFileSync(join(folder, 'access.json'), 'utf8')).profiles
  const spoq = {
    name: 'spoq',
    isDefault: true,
    mayForward: false,
    mayTty: true,
    keys: ['ssh-ed25519 AA'],
  }
  await put({ profiles: [spoq] })
  await put({ number: 2 })
  expect(kept()).toEqual([spoq])
  await put({ number: 3, profiles: [] })
  expect(kept()).toEqual([])
})

test('an account that is a member no more is refused and cut, one that became one is let in', async () => {
  const { sign, ask, put } = await machine()
  const [hers, his] = [await sign(), await sign({ sub: bob })]
  expect(await ask('/api/status', his)).toMatchObject({ status: 403, code: 'forbidden' })
  await put({ members: [bob] })
  expect(await ask('/api/status', his)).toMatchObject({ status: 200 })
  expect(await ask('/api/status', hers)).toMatchObject({ status: 403, code: 'forbidden' })
})

test('an entry falls away a minute after the last token of its login', async () => {
  const { sign, ask, put, pass } = await machine()
  const token = await sign({ login: laptop, exp: start / 1000 + 7_200 })
  await put({ revoked: [{ login: laptop, until: within(hour) }] })
  pass(hour + 59_000)
  expect(await ask('/api/status', token)).toMatchObject({ status: 401 })
  pass(1_000)
  expect(await ask('/api/status', token)).toMatchObject({ status: 200 })
})

test('a snapshot that comes late undoes nothing, and one that comes twice changes nothing', async () => {
  const { sign, ask, put } = await machine()
  const ended = await sign({ login: laptop })
  await put({ number: 7, revoked: [{ login: laptop, until: within(hour) }] })
  expect(await put({ number: 6 })).toMatchObject({ status: 409, code: 'access_outdated' })
  expect(await put({ number: 7 })).toMatchObject({ status: 200, number: 7 })
  expect(await ask('/api/status', ended)).toMatchObject({ code: 'login_revoked' })
  await put({ number: 8 })
  expect(await ask('/api/status', ended)).toMatchObject({ status: 200 })
})

test("the backend's token opens what is for the backend and nothing else", async () => {
  const { ours, ask } = await machine()
  const token = await ours()
  const post = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' }
  expect(await ask('/api/access', token)).toMatchObject({ status: 200, number: 0 })
  const everything = await ours({ scope: `${backendScope} machine:read machine:write machine:use` })
  for (const one of [token, everything]) {
    for (const path of ['/api/status', '/api/sessions', '/api/models', '/api/rules'])
      expect(await ask(path, one), path).toMatchObject({ status: 403, code: 'forbidden' })
    for (const path of ['/api/ask', '/api/run', '/api/shutdown'])
      expect(await ask(path, one, post), path).toMatchObject({ status: 403, code: 'forbidden' })
  }
})

test.each<[string, JWTPayload, object, number, ErrorCode]>([
  ['of a member', { sub: alice, scope: 'machine:read machine:write machine:use' }, {}, 403, 'forbidden'],
  ["of a member who has the backend's scope", { sub: alice, scope: backendScope }, {}, 403, 'forbidden'],
  ['for another machine', { aud: 'mach_00000000000000000000' }, {}, 403, 'forbidden'],
  ['without the scope', { scope: 'machine:write' }, {}, 403, 'scope_missing'],
  ['replayed after its end', { exp: start / 1000 - 6 }, {}, 401, 'token_expired'],
  ['of another issuer', { iss: 'https://evil.example', sub: 'https://evil.example' }, {}, 401, 'token_invalid'],
  ['that is an ID token', {}, { typ: 'JWT' }, 401, 'token_invalid'],
])('a token %s tells the machine nothing', async (_, change, header, status, code) => {
  const { sign, ask, put, ours } = await machine()
  const { iss } = JSON.parse(Buffer.from((await ours()).split('.')[1] ?? '', 'base64url').toString()) as JWTPayload
  const token = await sign({ sub: String(iss), scope: backendScope, ...change }, header)
  expect(await put({ members: [bob] }, token)).toMatchObject({ status, code })
  expect(await ask('/api/access', await ours())).toMatchObject({ number: 0 })
  expect(await ask('/api/status', await sign())).toMatchObject({ status: 200 })
})

test('the local socket is not the backend', async () => {
  const target = (await machine()).local()
  await expect(call(target, showAccess)).rejects.toMatchObject({ code: 'forbidden' })
  const body = { number: 1, members: [], revoked: [] }
  await expect(call(target, setAccess, { body })).rejects.toMatchObject({ code: 'forbidden' })
})

test('what is kept is for this user alone; damaged it lets nobody in', async () => {
  const { folder, put, restart } = await machine()
  await put({ number: 3 })
  const file = join(folder, 'access.json')
  expect(statSync(file).mode & 0o777).toBe(0o600)
  writeFileSync(file, readFileSync(file, 'utf8').slice(0, -9))
  await expect(restart()).rejects.toMatchObject({ code: 'config_invalid' })
})

// Mutants: compare with `<=` and answer the sent number; keep the state in memory alone; take what is older.
test('in whatever order snapshots come, and whenever it restarts, the highest number is what holds', async () => {
  const caller = { by: '', scopes: [], account: alice, credential: laptop }
  const step = fc.oneof(fc.constant('restart' as const), fc.record({ number: fc.integer({ min: 1, max: 9 }) }))
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 12 }), async steps => {
      const folder = machineFolder()
      const open = () => openAccess({ folder, members: [alice], now: () => start, keepKeys: async () => {} })
      let access = open()
      let highest = 0
      for (const next of steps) {
        if (next === 'restart') access = open()
        else {
          const { number } = next
          // The content follows from the number: those with an odd one end the login.
          const revoked = number % 2 ? [{ login: laptop, until: within(hour) }] : []
          try {
            const snapshot = { number, members: [alice], revoked, revokedTokens: [] }
            expect((await access.take(snapshot)).number).toBe(number)
            expect(number).toBeGreaterThanOrEqual(highest)
          } catch (error) {
            expect(error).toMatchObject({ code: 'access_outdated' })
            expect(number).toBeLessThan(highest)
          }
          highest = Math.max(highest, number)
        }
        expect(access.held().number).toBe(highest)
        const allowed = () => access.assertAllowed(caller)
        if (highest % 2) expect(allowed).toThrow('ended')
        else expect(allowed).not.toThrow()
      }
    }),
    { numRuns: 60 },
  )
})
