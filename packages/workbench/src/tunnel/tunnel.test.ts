// Machines behind a home's router, as their owners use them: nothing listens there, all goes through the gateway.

import { once } from 'node:events'
import { statSync } from 'node:fs'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { call } from '@spoq/client/call'
import type { Target } from '@spoq/client/target'
import type { Machine } from '@spoq/contracts/machine'
import { showStatus } from '@spoq/contracts/status'
import { gatewaySocket } from '@spoq/server/gateway/config'
import { rotate } from '@spoq/server/tunnel/rotate'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { runSpoq } from '../journey/home.ts'
import { type Nat, type Owner, startNat } from './nat.ts'

let nat: Nat
let ann: Owner
let ben: Owner
let annas: Machine & { endpoint: string }
let bens: Machine & { endpoint: string }

beforeAll(async () => {
  nat = await startNat()
  ann = await nat.register('ann')
  ben = await nat.register('ben')
  annas = await nat.make(ann)
  bens = await nat.make(ben)
})
afterAll(() => nat[Symbol.asyncDispose]())

const target = (machine: { endpoint: string }, token: string): Target => ({
  origin: machine.endpoint,
  token: async () => token,
  unreachable: 'machine_unreachable',
  now: Date.now,
})
const spoq = (owner: Owner, ...args: string[]) => runSpoq(args, { environment: nat.environment(owner) })
const statusOf = async (machine: Machine & { endpoint: string }, owner: Owner) =>
  call(target(machine, await nat.tokenFor(owner, machine.id)), showStatus)

test('a machine that listens on nothing is found by its name, and says that it is connected', async () => {
  expect(annas.endpoint).toBe(`http://${annas.name}.localhost:${new URL(nat.gateway).port}`)
  expect(nat.conductor(annas.id).endpoint).toBeNull()
  expect(await statusOf(annas, ann)).toMatchObject({ machine: annas.id, tunnel: { state: 'connected', error: null } })
})

test('its owner asks it, runs on it and has it examined, as any other machine', async () => {
  const asked = await spoq(ann, 'ask', '--model', 'demo', '--mode', 'plan', 'what can you do here?')
  expect(asked, asked.stderr).toMatchObject({ status: 0 })
  expect(asked.stdout).toContain('[demo: scripted, not AI]')
  const ran = await spoq(ann, 'run', '--', 'sh', '-c', 'echo out; echo err >&2; exit 3')
  expect(ran).toMatchObject({ status: 3, stdout: 'out\n' })
  expect(ran.stderr).toContain('err')
  const examined = await spoq(ann, 'doctor', '--json')
  const { checks } = JSON.parse(examined.stdout) as { checks: { id: string; state: string; says: string }[] }
  expect(checks.find(({ id }) => id === 'tunnel')).toMatchObject({
    state: 'ok',
    says: expect.stringMatching(/^connected since/),
  })
})

test('the tunnel opens nothing by itself: every path but /health asks for a token of the owner', async () => {
  const codes = async (path: string, headers = {}) => {
    const response = await fetch(`${annas.endpoint}${path}`, { headers })
    return [response.status, ((await response.json()) as { code?: string }).code]
  }
  expect(await codes('/health')).toEqual([200, undefined])
  for (const path of ['/api/status', '/api/sessions', '/openapi.json', '/nowhere'])
    expect(await codes(path)).toEqual([401, 'not_signed_in'])
  const bensForAnnas = { authorization: `Bearer ${await nat.tokenFor(ben, bens.id)}` }
  expect(await codes('/api/status', bensForAnnas)).toEqual([403, 'forbidden'])
})

test('the token of a tunnel opens neither a machine nor the backend', async () => {
  const headers = { authorization: `Bearer ${nat.spec(annas.id).tunnel?.token}` }
  for (const url of [
    `${annas.endpoint}/api/status`,
    `${bens.endpoint}/api/status`,
    `${nat.backend().url}/api/machines`,
  ])
    expect((await fetch(url, { headers })).status, url).toBe(401)
})

test.each([
  ['of nobody', () => undefined],
  ['forged', () => nat.spec(annas.id).tunnel?.token.replace(/.{4}$/, 'AAAA')],
  ["another machine's proof", () => nat.spec(annas.id).tunnel?.token.replace(annas.id, bens.id)],
  ['of another generation', () => nat.spec(annas.id).tunnel?.token.replace('_1_', '_2_')],
  ["the owner's own", () => ann.token],
])('nobody connects as a machine with a token that is %s', async (_, token) => {
  expect(await upgrade(token())).toMatch(/^HTTP\/1.1 401 /)
  expect((await statusOf(bens, ben)).machine).toBe(bens.id)
})

test('a name that nobody has, and hosts that are no name, lead nowhere', async () => {
  const { port } = new URL(nat.gateway)
  const status = async (head: string) => {
    const socket = connect(Number(port), '127.0.0.1')
    socket.write(`GET /api/status HTTP/1.1\r\n${head}Connection: close\r\n\r\n`)
    const said = await text(socket)
    return [said.split(' ')[1], /"code":"(\w+)"/.exec(said)?.[1]]
  }
  for (const host of ['nobody.localhost', 'localhost', 'gateway.localhost', `x.${annas.name}.localhost`, '127.0.0.1'])
    expect(await status(`Host: ${host}\r\n`), host).toEqual(['404', 'not_found'])
  const two = `Host: ${annas.name}.localhost\r\nHost: ${bens.name}.localhost\r\n`
  expect((await status(two))[0]).toMatch(/40[04]/)
  expect(await status(`Host: nobody.localhost\r\nX-Forwarded-Host: ${annas.name}.localhost\r\n`)).toEqual([
    '404',
    'not_found',
  ])
})

test('200 streams at the same time are all served', async () => {
  const token = await nat.tokenFor(ann, annas.id)
  const statuses = await Promise.all(Array.from({ length: 200 }, () => call(target(annas, token), showStatus)))
  expect(new Set(statuses.map(({ machine }) => machine))).toEqual(new Set([annas.id]))
})

test('a command that runs while the gateway is killed and comes back loses nothing of its output', async () => {
  const script = 'for i in 1 2 3 4 5 6 7 8; do echo line $i; sleep 0.4; done; exit 5'
  const running = spoq(ann, 'run', '--', 'sh', '-c', script)
  await new Promise(done => setTimeout(done, 1_500))
  await nat.killGateway()
  await nat.startGateway()
  const ran = await running
  expect(ran.stdout, ran.stderr).toBe(Array.from({ length: 8 }, (_, line) => `line ${line + 1}\n`).join(''))
  expect(ran.status).toBe(5)
})

test('machines are reached while the backend is away, and it knows of them when it is back', async () => {
  const token = await nat.tokenFor(ann, annas.id)
  await expect.poll(async () => (await fetch(`${annas.endpoint}/health`)).status, { timeout: 30_000 }).toBe(200)
  await call(target(annas, token), showStatus)
  await nat.stopBackend()
  expect((await call(target(annas, token), showStatus)).machine).toBe(annas.id)
  expect((await fetch(`http://nobody.localhost:${new URL(nat.gateway).port}/`)).status).toBe(503)
  expect(await upgrade(nat.spec(annas.id).tunnel?.token)).toMatch(/^HTTP\/1.1 503 [\s\S]*Retry-After: 5/)
  await nat.startBackend()
  expect((await statusOf(annas, ann)).machine).toBe(annas.id)
})

test('a machine takes another token over the connection that it has; a stolen one is cut off', async () => {
  const { machines, reconciler } = nat.backend()
  await rotate(machines.db, annas.id, Date.now())
  const before = (await statusOf(annas, ann)).tunnel?.since
  reconciler.wake(annas.id)
  await expect.poll(async () => (await statusOf(annas, ann)).tunnel?.since, { timeout: 30_000 }).not.toBe(before)
  await rotate(machines.db, annas.id, Date.now(), { stolen: true })
  expect(await upgrade(nat.spec(annas.id).tunnel?.token)).toMatch(/^HTTP\/1.1 401 /)
})

test('a machine that is terminated is connected no more, and its name leads nowhere', async () => {
  const { token } = nat.spec(bens.id).tunnel as { token: string }
  await nat.terminate(ben, bens.id)
  expect(await upgrade(token)).toMatch(/^HTTP\/1.1 401 /)
  await expect.poll(async () => (await fetch(`${bens.endpoint}/health`)).status, { timeout: 30_000 }).toBe(404)
})

test("the backend's socket for gateways is this user's alone", () => {
  expect(statSync(gatewaySocket(nat.dataDir)).mode & 0o777).toBe(0o600)
})

/** Tries to connect as a machine; what the gateway says. */
async function upgrade(token: string | undefined): Promise<string> {
  const socket = connect(Number(new URL(nat.gateway).port), '127.0.0.1')
  const asked = ['GET /tunnel HTTP/1.1', 'Host: gateway.localhost', 'Connection: Upgrade', 'Upgrade: spoq-tunnel/1']
  if (token) asked.push(`Authorization: Bearer ${token}`)
  socket.write(`${asked.join('\r\n')}\r\n\r\n`)
  const [said] = await once(socket, 'data')
  socket.destroy()
  return String(said)
}
