// A backend whose PostgreSQL goes away and comes back, and one that is started without.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Backend, startBackend } from '@spoq/server/backend'
import { readConfig } from '@spoq/server/config'
import { fakeProvider } from '@spoq/server/reconcile/fake-provider'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type PostgresServer, startPostgres, whyNoPostgres } from './server.ts'

if (whyNoPostgres) console.log(`skipped: ${whyNoPostgres}`)
const here = test.skipIf(whyNoPostgres && !process.env.CI)

let server: PostgresServer
let dataDir: string
let backend: Backend
let cookie = ''
const logged: string[] = []

const env = () => ({
  SPOQ_DATA_DIR: dataDir,
  SERVER_PORT: '0',
  BASE_URL: 'http://127.0.0.1:4100',
  DATABASE_URL: server.url,
})

beforeAll(async () => {
  if (whyNoPostgres && !process.env.CI) return
  server = await startPostgres()
  dataDir = mkdtempSync(join(tmpdir(), 'spoq-away-'))
  backend = await startBackend(readConfig(env()), {
    openProviders: () => new Map([['docker', { ...fakeProvider(Date.now), name: 'docker' }]]),
    log: (level, event, fields) => logged.push(JSON.stringify({ level, event, ...fields })),
    sendAccess: async (_, { number }) => number,
    // Once an hour: what moves was woken by a job.
    scanMs: 3_600_000,
  })
})
afterAll(async () => {
  await backend?.stop()
  await server?.remove()
  if (dataDir) rmSync(dataDir, { recursive: true })
})

async function ask(method: string, path: string, body?: object) {
  const url = `http://127.0.0.1:${backend.port}${path}`
  const headers = { 'content-type': 'application/json', origin: 'http://127.0.0.1:4100', cookie }
  const response = await fetch(url, { method, headers, ...(body ? { body: JSON.stringify(body) } : {}) })
  const text = await response.text()
  return { status: response.status, headers: response.headers, body: text ? JSON.parse(text) : null }
}

async function until(what: () => Promise<boolean>): Promise<void> {
  const patience = AbortSignal.timeout(45_000)
  while (!(await what())) {
    if (patience.aborted) throw new Error('it does not come back')
    await sleep(100)
  }
}

async function runs(name: string): Promise<void> {
  const made = await ask('POST', '/api/machines', { name })
  expect(made.status).toBe(201)
  await until(async () => (await ask('GET', `/api/machines/${made.body.id}`)).body.state === 'running')
}

here('it answers 503 while PostgreSQL is away, whoever is asked, and goes on by itself once it is back', async () => {
  const token = readFileSync(join(dataDir, 'server', 'first-account-token'), 'utf8')
  const person = { token, email: 'ann@example.com', name: 'Ann', password: 'a long password' }
  const made = await ask('POST', '/api/setup/first-account', person)
  expect(made.status).toBe(201)
  cookie = made.headers
    .getSetCookie()
    .map(line => line.split(';')[0])
    .join('; ')
  await runs('before')

  for (let times = 1; times <= 2; times++) {
    await server.kill()
    const asked = await Promise.all([
      ask('GET', '/api/machines'),
      ask('POST', '/api/machines', { name: 'meanwhile' }),
      ask('POST', '/identity/oauth2/register', { client_name: 'x', redirect_uris: ['http://127.0.0.1/callback'] }),
    ])
    for (const { status, headers, body } of asked) {
      expect([status, body.code]).toEqual([503, 'unavailable'])
      expect(Number(headers.get('retry-after'))).toBeGreaterThan(0)
    }
    await server.start()
    await until(async () => (await ask('GET', '/api/machines')).status === 200)
    await runs(`after-${times}`)
  }
  expect(logged.join('\n')).not.toContain(new URL(server.url).password)
})

here('started without one, it says so in two lines without a secret, and ends with status 6', async () => {
  const start = async (url: string) => {
    const main = join(import.meta.dirname, '../../../../server/src/main.ts')
    const own = mkdtempSync(join(tmpdir(), 'spoq-away-'))
    const child = spawn(process.execPath, [main], {
      env: { PATH: process.env.PATH, HOME: own, ...env(), SPOQ_DATA_DIR: own, DATABASE_URL: url },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let said = ''
    for (const output of [child.stdout, child.stderr]) output.on('data', text => (said += text))
    const [status] = await once(child, 'close')
    rmSync(own, { recursive: true })
    return { status, said }
  }
  const away = await start('postgres://spoq:hunter2@127.0.0.1:1/postgres')
  expect(away).toEqual({
    status: 6,
    said: expect.stringMatching(/^PostgreSQL does not answer \(ECONNREFUSED\)\.\n[^\n]+\n$/),
  })
  const wrong = new URL(server.url)
  wrong.password = 'hunter2'
  const refused = await start(wrong.href)
  expect(refused).toEqual({
    status: 2,
    said: expect.stringMatching(/^DATABASE_URL: password authentication failed[^\n]*\n[^\n]+\n$/),
  })
  expect(away.said + refused.said).not.toContain('hunter2')
})
