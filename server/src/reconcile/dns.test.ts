// Names in the DNS as machines come, change their names and go.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ProviderError } from '@spoq/providers'
import { fileZone, type Zone } from '@spoq/providers/dns'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Database } from '../db/open.ts'
import { emptyTables, testDatabase } from '../db/test-database.ts'
import { create } from '../machine/create.ts'
import { rename } from '../machine/rename.ts'
import { findMachine } from '../machine/store.ts'
import { terminate } from '../machine/terminate.ts'
import { testPorts } from '../machine/test-ports.ts'
import { keptMs } from '../name/release.ts'
import { type FakeProvider, fakeProvider } from './fake-provider.ts'
import type { ReconcilePorts } from './ports.ts'
import { reconcileMachine } from './reconcile.ts'
import { sweepDns } from './sweep-dns.ts'

const alice = { account: 'alice', requestId: 'req_alice' }
const domain = 'spoq.example'

let database: Database
let folder: string
let time: number
let provider: FakeProvider
let ports: ReconcilePorts
let verbs: ReturnType<typeof testPorts>
let zone: Zone
/** What the next calls to the DNS fail with. */
let failures: Error[]

beforeAll(async () => {
  database = await testDatabase()
  folder = mkdtempSync(join(tmpdir(), 'spoq-dns-'))
})
beforeEach(async () => {
  await emptyTables(database)
  time = 1_700_000_000_000
  failures = []
  rmSync(join(folder, 'hosts'), { force: true })
  const file = fileZone(join(folder, 'hosts'))
  const unlessItFails = <T>(work: Promise<T>) => {
    const failure = failures.shift()
    return failure ? Promise.reject(failure) : work
  }
  zone = {
    publish: (name, addresses) =>
      unlessItFails(failures.length > 0 ? Promise.resolve() : file.publish(name, addresses)),
    withdraw: name => unlessItFails(failures.length > 0 ? Promise.resolve() : file.withdraw(name)),
    list: () => file.list(),
  }
  provider = fakeProvider(() => time)
  const make = provider.create
  provider.create = async spec => {
    const made = await make(spec)
    provider.resources.set(made.ref, { ...made, addresses: { v4: '203.0.113.1' } })
    return made
  }
  const providers = new Map([['local', provider]] as const)
  verbs = { ...testPorts(database, providers), now: () => time }
  const where = { issuer: 'http://127.0.0.1', jwksUrl: 'http://127.0.0.1/jwks' }
  const lease = { owner: 'backend_a', ms: 30_000 }
  const dns = { zone, dnsNameOf: ({ name }: { name: string }) => `${name}.${domain}` }
  const clock = { now: () => time, databaseNow: async () => time }
  ports = { ...database, ...dns, ...clock, lease, providers, ...where, log: () => {} }
})
afterAll(async () => {
  await database.close()
  rmSync(folder, { recursive: true })
})

async function settle(id: string) {
  for (let looks = 0; looks < 60; looks++) {
    const next = await reconcileMachine(ports, id)
    if (next === null) return findMachine(database.db, id)
    time = Math.max(time, next)
  }
  throw new Error('it does not come to rest')
}
const names = async () => [...(await zone.list()).keys()]
const made = async (name: string) => {
  const { id } = await create(verbs, alice, { name }, undefined)
  await settle(id)
  return id
}

test('a machine has its name while it lives', async () => {
  const id = await made('otter')
  expect(Object.fromEntries(await zone.list())).toEqual({ [`otter.${domain}`]: { v4: '203.0.113.1' } })
  await terminate(verbs, alice, id)
  expect(await settle(id)).toMatchObject({ state: 'terminated', published: null })
  expect(await names()).toEqual([])
})

test('a renamed one has both for 30 days, then the new one alone', async () => {
  const id = await made('otter')
  await rename(verbs, alice, id, 'mole')
  await settle(id)
  await sweepDns(ports, domain)
  expect((await names()).sort()).toEqual([`mole.${domain}`, `otter.${domain}`])
  time += keptMs + 1
  await sweepDns(ports, domain)
  expect(await names()).toEqual([`mole.${domain}`])
})

test('what is left of a machine that is over is swept, and names of others are not touched', async () => {
  const id = await made('otter')
  await zone.publish('www.elsewhere.example', { v4: '198.51.100.1' })
  await rename(verbs, alice, id, 'mole')
  await settle(id)
  await terminate(verbs, alice, id)
  await settle(id)
  await sweepDns(ports, domain)
  expect(await names()).toEqual(['www.elsewhere.example'])
})

test('a DNS that is away is told to the owner, asked again after its pause, and ends nobody’s start', async () => {
  const away = new ProviderError('retry', 'Cloudflare asks for a pause.', { retryAfterMs: 90_000 })
  failures = Array.from({ length: 20 }, () => away)
  const { id } = await create(verbs, alice, { name: 'otter' }, undefined)
  time = Number(await reconcileMachine(ports, id))
  expect(await reconcileMachine(ports, id)).toBe(time + 90_000)
  expect(await findMachine(database.db, id)).toMatchObject({ error_message: 'Cloudflare asks for a pause.' })
  expect(await settle(id)).toMatchObject({ state: 'running', error_message: null })
  expect(await names()).toEqual([`otter.${domain}`])
})
