// The whole backend with the provider `hetzner`, at a stand-in of its API.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createFirstAccount } from '@spoq/contracts/account'
import { pathOf } from '@spoq/contracts/http'
import { createMachine, type Machine, machineHistory, showMachine, terminateMachine } from '@spoq/contracts/machine'
import { listProviders, type Quote, quoteMachine } from '@spoq/contracts/provider'
import { hetznerProvider } from '@spoq/providers/hetzner'
import { type HetznerCloud, startHetzner } from '@spoq/workbench/stand-ins/hetzner'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { firstTokenFile } from '../account/first-token.ts'
import { type Backend, startBackend } from '../backend.ts'
import { readConfig } from '../config.ts'
import { testPlace } from '../db/test-database.ts'

let dataDir: string
let cloud: HetznerCloud
let backend: Backend
let cookie = ''
let place: Awaited<ReturnType<typeof testPlace>>
const patience = { answerMs: 5_000, shutDownMs: 1_000, pollMs: 20, listLagMs: 100 }

beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'spoq-provider-'))
  cloud = await startHetzner()
  place = await testPlace()
  const env = { SPOQ_DATA_DIR: dataDir, SERVER_PORT: '0', LOG_LEVEL: 'error', MACHINE_DOMAIN: 'spoq.example' }
  backend = await startBackend(
    { ...readConfig(env), databaseUrl: place.url },
    {
      openProviders: installation => {
        const { token, url } = cloud
        const hetzner = hetznerProvider({ token, url, installation, now: Date.now, patience })
        return new Map([['hetzner', { ...hetzner, capabilities: { ...hetzner.capabilities, hardware: 'own' } }]])
      },
    },
  )
  const token = readFileSync(firstTokenFile(dataDir), 'utf8')
  const body = { token, email: 'ada@example.com', name: 'Ada', password: 'correct horse battery' }
  const answer = await send('post', createFirstAccount.path, body)
  cookie = answer.headers
    .getSetCookie()
    .map(one => one.split(';')[0])
    .join('; ')
})
afterAll(async () => {
  await backend.stop()
  await place.drop()
  await cloud.stop()
  rmSync(dataDir, { recursive: true })
  expect(cloud.invalid).toEqual([])
})

function send(method: string, path: string, body?: unknown): Promise<Response> {
  return fetch(`${backend.url}${path}`, {
    method: method.toUpperCase(),
    headers: { origin: backend.url, 'content-type': 'application/json', ...(cookie ? { cookie } : {}) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
}
const jsonOf = async <T>(answer: Promise<Response>) => (await answer).json() as Promise<T>
const shown = (machine: string) => jsonOf<Machine>(send('get', pathOf(showMachine.path, { machine })))

test('what is offered, and a price for what was left open', async () => {
  const { providers } = await jsonOf<{ providers: { name: string }[] }>(send('get', listProviders.path))
  expect(providers).toMatchObject([{ name: 'hetzner', billsWhileOff: true, problem: null }])
  expect(await jsonOf<Quote>(send('get', `${quoteMachine.path}?region=nbg1`))).toMatchObject({
    provider: 'hetzner',
    place: { region: 'nbg1', regionName: 'Nuremberg', size: { id: 'cx23' }, price: { centsMonthly: 416 } },
  })
})

test.each([
  [{ region: 'mars' }, 400, 'region_unknown'],
  [{ size: 'cx99' }, 400, 'size_unknown'],
  [{ region: 'nbg1', centsMonthly: 1 }, 409, 'price_changed'],
  [{ region: '../../admin' }, 400, 'invalid_request'],
])('%j orders nothing', async (asked, status, code) => {
  const answer = await send('post', createMachine.path, { name: 'otter', ...asked })
  expect(answer.status).toBe(status)
  expect(await answer.json()).toMatchObject({ code })
  expect(cloud.ordered()).toBe(0)
})

test('a machine is a server with its labels, found again after a lost answer, and gone when it ends', async () => {
  cloud.weather(/^POST \/servers$/, 'lost')
  const asked = { name: 'otter', region: 'nbg1', size: 'cx23', centsMonthly: 416 }
  const { id, price } = await jsonOf<Machine>(send('post', createMachine.path, asked))
  expect(price).toEqual({ centsMonthly: 416, currency: 'EUR' })
  await expect
    .poll(async () => [...cloud.servers.values()].map(({ status }) => status), { timeout: 20_000 })
    .toEqual(['running'])
  const [server] = [...cloud.servers.values()]
  expect(server).toMatchObject({ location: 'nbg1', type: 'cx23', labels: { 'spoq-machine': id } })
  expect(cloud.ordered()).toBe(1)
  await send('post', pathOf(terminateMachine.path, { machine: id }))
  await expect.poll(async () => (await shown(id)).state, { timeout: 20_000 }).toBe('terminated')
  expect(cloud.servers.size).toBe(0)
  const { records } = await jsonOf<{ records: { to: string | null }[] }>(
    send('get', pathOf(machineHistory.path, { machine: id })),
  )
  expect(records.map(({ to }) => to).filter(to => to === 'terminated')).toHaveLength(1)
})

test('with the provider away a machine that was never ordered ends all the same', async () => {
  const { id } = await jsonOf<Machine>(send('post', createMachine.path, { name: 'mole' }))
  await expect.poll(async () => (await shown(id)).state).not.toBe('pending')
  await send('post', pathOf(terminateMachine.path, { machine: id }))
  await expect.poll(async () => (await shown(id)).state, { timeout: 20_000 }).toBe('terminated')
  await cloud.stop()
  const refused = await send('get', quoteMachine.path)
  // What was known before serves for a day.
  expect(refused.status).toBe(200)
})
