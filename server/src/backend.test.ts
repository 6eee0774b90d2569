// The whole backend on a real data folder and a real port; only what makes machines is a stand-in.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createFirstAccount } from '@spoq/contracts/account'
import { pathOf } from '@spoq/contracts/http'
import { createMachine, type Machine, machineHistory, showMachine, terminateMachine } from '@spoq/contracts/machine'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { firstTokenFile } from './account/first-token.ts'
import { type Backend, startBackend } from './backend.ts'
import { readConfig } from './config.ts'
import { testPlace } from './db/test-database.ts'
import { backendRoutes } from './http/routes.ts'
import { type FakeProvider, fakeProvider } from './reconcile/fake-provider.ts'

let dataDir: string
let provider: FakeProvider
let backend: Backend
let cookie: string

let place: Awaited<ReturnType<typeof testPlace>>

/** Scans once an hour, so that what moves was woken. */
const open = () =>
  startBackend(
    {
      ...readConfig({ SPOQ_DATA_DIR: dataDir, SERVER_PORT: '0', LOG_LEVEL: 'error', TRUSTED_PROXY: '127.0.0.1' }),
      databaseUrl: place.url,
    },
    {
      openProviders: () => new Map([['local', provider]]),
      sendAccess: async (_, { number }) => number,
      scanMs: 3_600_000,
    },
  )

beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'spoq-backend-'))
  provider = fakeProvider(Date.now)
  place = await testPlace()
  backend = await open()
})
afterAll(async () => {
  await backend.stop()
  await place.drop()
  rmSync(dataDir, { recursive: true })
})

/** Each request comes from elsewhere: there are more routes than an address may ask for in a minute. */
let sent = 0
const from = () => ({ 'x-forwarded-for': `10.1.${(sent >> 8) & 255}.${sent++ & 255}` })

function send(method: string, path: string, body?: unknown): Promise<Response> {
  return fetch(`${backend.url}${path}`, {
    method: method.toUpperCase(),
    headers: { ...from(), origin: backend.url, 'content-type': 'application/json', ...(cookie ? { cookie } : {}) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
}

async function until(machine: string, state: string): Promise<void> {
  for (let i = 0; i < 400; i++) {
    const now = (await (await send('get', pathOf(showMachine.path, { machine }))).json()) as Machine
    if (now.state === state) return
    await sleep(25)
  }
  throw new Error(`${machine} never was ${state}`)
}

const anywhere = {
  machine: 'mach_0123456789abcdef0123',
  login: 'login_0123456789abcdef0123',
  token: 'token_0123456789abcdef0123',
  trust: 'trust_0123456789abcdef0123',
  snapshot: 'task_0123456789abcdef0123',
  backup: 'backup_0123456789abcdef0123',
  name: 'otter',
  file: 'no-release',
  domain: 'app.example.com',
  profile: 'prof_0123456789abcdef0123',
  device: 'dev_0123456789abcdef0123',
  vendor: 'anthropic',
  connection: 'conn_0123456789abcdef0123',
  payment: 'pm_0123456789',
  topUp: 'topup_0123456789abcdef0123',
  policy: 'acceptable-use',
}

test.each(Object.values(backendRoutes))('$method $path is served, and to whom it says', async route => {
  const body = route.method === 'get' ? undefined : {}
  const response = await send(route.method, pathOf(route.path, anywhere), body)
  const answer = (await response.json()) as { code?: string }
  if (route.caller !== 'anyone') expect(answer.code).toBe('not_signed_in')
  else expect(answer.code).not.toBe('not_found')
})

test('the first account is made with the token of the data folder, and its machine comes up', async () => {
  const token = readFileSync(firstTokenFile(dataDir), 'utf8')
  const person = { email: 'ann@example.com', name: 'Ann', password: 'a long password' }
  const signedUp = await send('post', createFirstAccount.path, { token, ...person })
  expect(signedUp.status).toBe(201)
  cookie = signedUp.headers
    .getSetCookie()
    .map(line => line.split(';')[0])
    .join('; ')
  const made = (await (await send('post', createMachine.path, {})).json()) as Machine
  expect(made).toMatchObject({ name: 'ann', state: 'pending' })
  await until(made.id, 'running')
})

test('where the mail about a machine’s end leads asks for a sign-in, and then for whose it is', async () => {
  const path = `${backend.url}/backups/${anywhere.backup}`
  const headers = { cookie }
  expect((await fetch(path, { headers })).status).toBe(404)
  const { status, url } = await fetch(path)
  expect([status, new URL(url).pathname]).toEqual([200, '/auth/sign-in'])
})

test('what was asked for right before the end is done after the next start', async () => {
  provider.fault = () => ({ when: 'before', error: new Error('down') })
  const made = (await (await send('post', createMachine.path, { name: 'build-box' })).json()) as Machine
  await backend.stop()
  provider.fault = () => undefined
  backend = await open()
  await until(made.id, 'running')
  expect([...provider.resources.values()].filter(({ machine }) => machine === made.id)).toHaveLength(1)

  await send('post', pathOf(terminateMachine.path, { machine: made.id }))
  await until(made.id, 'terminated')
  expect([...provider.resources.values()].filter(({ machine }) => machine === made.id)).toEqual([])
  const history = await send('get', pathOf(machineHistory.path, { machine: made.id }))
  const { records } = (await history.json()) as { records: { to: string | null; requestId: string | null }[] }
  expect(records.map(({ to }) => to)).toEqual(['pending', 'provisioning', 'running', 'terminating', 'terminated'])
  expect(records[0]?.requestId).toMatch(/^req_/)
})
