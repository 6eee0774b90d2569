import { call, type Sent } from '@spoq/client/call'
import type { Route } from '@spoq/contracts/http'
import {
  createMachine,
  listMachines,
  machineHistory,
  showMachine,
  startMachine,
  stopMachine,
  terminateMachine,
} from '@spoq/contracts/machine'
import { SpoqError } from '@spoq/contracts/problem'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Database } from '../db/open.ts'
import { emptyTables, testDatabase } from '../db/test-database.ts'
import { openApp } from '../http/app.ts'
import { type Listener, listen } from '../http/listen.ts'
import { identifiedLogin } from '../http/test-login.ts'
import { registerMachine } from './route.ts'
import { putMachine, testPorts } from './test-ports.ts'

let database: Database
let listener: Listener
beforeAll(async () => {
  database = await testDatabase()
  listener = await listen('127.0.0.1', 0)
  const app = openApp({ authenticate, log: () => {}, now: Date.now })
  registerMachine(app.serve, testPorts(database))
  listener.answer(app.fetch)
})
beforeEach(() => emptyTables(database))
afterAll(async () => {
  await listener.close(0)
  await database.close()
})

/** The token is the account, or the account and what else than a login it came with. */
async function authenticate(request: Request) {
  const [, account] = (request.headers.get('authorization') ?? '').split(' ')
  if (!account) throw new SpoqError('not_signed_in')
  const [name = '', token] = account.split('+')
  const limited = token === undefined ? null : ({ kind: 'token', id: token, name: 'ci', machine: null } as const)
  return { ...identifiedLogin(name), limited }
}

const as =
  (account: string) =>
  <R extends Route>(route: R, sent: Sent<R> = {}) =>
    call(
      {
        origin: `http://127.0.0.1:${listener.port}`,
        token: async () => account,
        unreachable: 'server_unknown',
        requestId: `req_of_${account}`,
        now: Date.now,
      },
      route,
      sent,
    )
const alice = as('alice')
const bob = as('bob')

test('its history says by which login or token each thing was done', async () => {
  const made = await alice(createMachine, { body: {} })
  const params = { machine: made.id }
  await as('alice+token_ci')(stopMachine, { params })
  await as('alice+token_ci')(terminateMachine, { params })
  const { records } = await alice(machineHistory, { params })
  expect(records.map(({ actor, action, credential }) => [actor, action, credential])).toEqual([
    ['account:alice', 'machine.create', null],
    ['account:alice', 'machine.stop', 'token_ci'],
    ['account:alice', 'machine.terminate', 'token_ci'],
  ])
})

test('a machine is made, shown, listed, stopped, started and ended; its history tells of all that', async () => {
  const made = await alice(createMachine, { body: { name: 'build-box' } })
  const params = { machine: made.id }
  expect(made).toMatchObject({ name: 'build-box', state: 'pending', wanted: 'running' })
  expect(await alice(showMachine, { params })).toEqual(made)
  expect(await alice(listMachines)).toEqual({ machines: [made] })
  expect(await alice(stopMachine, { params })).toMatchObject({ wanted: 'stopped' })
  expect(await alice(startMachine, { params })).toMatchObject({ wanted: 'running' })
  expect(await alice(terminateMachine, { params })).toMatchObject({ state: 'terminating' })
  const { records } = await alice(machineHistory, { params })
  expect(records.map(({ action }) => action)).toEqual([
    'machine.create',
    'machine.stop',
    'machine.start',
    'machine.terminate',
  ])
  expect(new Set(records.map(({ requestId }) => requestId))).toEqual(new Set(['req_of_alice']))
})

test('machines that are gone are listed when asked for', async () => {
  await putMachine(database, { state: 'terminated', wanted: 'terminated' })
  expect((await alice(listMachines)).machines).toEqual([])
  expect((await alice(listMachines, { query: { all: 'true' } })).machines).toHaveLength(1)
})

test('a repeated create with its key answers the first machine; a key that is none is refused', async () => {
  const sent = { body: { name: 'build-box' }, idempotencyKey: 'key-12345' }
  expect(await alice(createMachine, sent)).toEqual(await alice(createMachine, sent))
  await expect(alice(createMachine, { body: {}, idempotencyKey: 'short' })).rejects.toMatchObject({
    code: 'invalid_request',
    message: expect.stringContaining('idempotency-key'),
  })
})

test("no route of a machine answers anything but machine_not_found for somebody else's", async () => {
  const { id } = await putMachine(database, { state: 'running' })
  const params = { machine: id }
  for (const route of [showMachine, machineHistory, stopMachine, startMachine, terminateMachine])
    await expect(bob(route, { params }), route.path).rejects.toMatchObject({ code: 'machine_not_found' })
  expect(await alice(showMachine, { params })).toMatchObject({ state: 'running', wanted: 'running' })
})

test('no route answers without a token', async () => {
  const params = { machine: 'mach_0123456789abcdef0123' }
  for (const route of [listMachines, showMachine, machineHistory, stopMachine, startMachine, terminateMachine])
    await expect(as('')(route, { params } as never), route.path).rejects.toMatchObject({ code: 'not_signed_in' })
  await expect(as('')(createMachine, { body: {} })).rejects.toMatchObject({ code: 'not_signed_in' })
})
