// `spoq up` for real: processes, sockets, an embedded database.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { type AddressInfo, createConnection } from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { codes, exitStatus } from '@spoq/contracts/problem'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { bin, lastJson, spoq, temporaryFolder } from '../testing.ts'

interface Ready {
  server: string
  machine: { id: string; name: string; endpoint: string }
  dataDir: string
}

const folder = temporaryFolder()
const environment = { SPOQ_DATA_DIR: folder.path }
const run = (...args: string[]) => spoq(args, environment)
let started: ChildProcess
let ready: Ready

beforeAll(async () => {
  ;({ child: started, ready } = await up('--port', '0'))
})

afterAll(async () => {
  await run('machine', 'terminate', '--now', '--yes')
  await stop(started, 'SIGTERM')
  folder[Symbol.dispose]()
})

async function up(...args: string[]): Promise<{ child: ChildProcess; ready: Ready }> {
  const child = spawn(process.execPath, [bin, 'up', '--yes', '--json', ...args], {
    env: { PATH: process.env.PATH, HOME: process.env.HOME, SPOQ_KEYCHAIN: 'off', ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  for await (const line of createInterface({ input: child.stdout })) return { child, ready: JSON.parse(line) }
  throw new Error('up ended before it was ready')
}

async function stop(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  const ended = once(child, 'exit')
  child.kill(signal)
  const [status] = (await ended) as [number | null]
  return status
}

test('it says where everything is in one line, and the machine answers there', async () => {
  expect(ready).toEqual({
    server: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
    machine: { id: expect.stringMatching(/^mach_/), name: expect.any(String), endpoint: expect.any(String) },
    dataDir: folder.path,
  })
  expect(await (await fetch(`${ready.machine.endpoint}/health`)).json()).toEqual({ status: 'ok' })
})

test('the made-up password and the login are for this user alone', () => {
  for (const file of ['server/first-account.json', 'cli/credentials.json'])
    expect(statSync(join(folder.path, file)).mode & 0o777, file).toBe(0o600)
})

test('status shows the machine; named, its Conductor as well', async () => {
  expect(lastJson(await run('status', '--json')).machines).toMatchObject([{ id: ready.machine.id, state: 'running' }])
  const named = lastJson(await run('status', '--machine', ready.machine.name, '--json'))
  expect(named).toMatchObject({ machine: { id: ready.machine.id }, conductor: { machine: ready.machine.id } })
})

test('on the machine itself neither login nor server is needed', async () => {
  using elsewhere = temporaryFolder()
  const marker = join(elsewhere.path, 'vps.marker')
  writeFileSync(marker, JSON.stringify({ folder: join(folder.path, 'machines', ready.machine.id) }))
  const ran = await spoq(['status', '--json'], { SPOQ_DATA_DIR: elsewhere.path, SPOQ_MARKER: marker })
  expect(lastJson(ran)).toMatchObject({ conductor: { machine: ready.machine.id } })
})

test('another machine makes asking ambiguous until one is named', async () => {
  const made = lastJson(await run('provision', '--name', 'second', '--json')).machine
  const asked = await run('status', '--machine', 'second', '--json')
  expect(lastJson(asked)).toMatchObject({ conductor: { machine: made.id } })
  expect(lastJson(await run('model', 'show', '--json')).error).toMatchObject({
    code: 'which_machine',
    message: expect.stringMatching(/second.*/),
  })
  expect((await run('model', 'show', '--machine', 'second')).status).toBe(0)
  expect((await run('machine', 'terminate', 'second')).status, 'not without --yes').toBe(codes.needs_terminal.exit)
  expect(lastJson(await run('machine', 'terminate', 'second', '--now', '--yes', '--json')).machine.state).toBe(
    'terminated',
  )
  expect(readdirSync(join(folder.path, 'machines')).filter(name => name.startsWith('mach_'))).toEqual([
    ready.machine.id,
  ])
})

test('a stopped machine says so, and comes back at the same address', async () => {
  expect(lastJson(await run('machine', 'stop', '--json')).machine.state).toBe('stopped')
  const refused = await run('model', 'show', '--json')
  expect(refused.status).toBe(codes.machine_not_running.exit)
  expect(lastJson(refused).error).toMatchObject({ code: 'machine_not_running' })
  expect(lastJson(await run('machine', 'start', '--json')).machine.endpoint).toBe(ready.machine.endpoint)
  expect((await run('model', 'show')).status).toBe(0)
})

test('show tells what happened to a machine', async () => {
  const { machine, history } = lastJson(await run('machine', 'show', '--json'))
  expect(machine.id).toBe(ready.machine.id)
  expect(history.map(({ to }: { to: string }) => to)).toEqual(expect.arrayContaining(['pending', 'running', 'stopped']))
})

test('a second up on the same folder uses the backend that is there, and leaves it', async () => {
  const ran = await run('up', '--json')
  expect(lastJson(ran)).toEqual(ready)
  expect(ran.status).toBe(0)
  expect((await fetch(`${ready.server}/health`)).status).toBe(200)
})

test('a second up that wants another port is told about the first', async () => {
  const ran = await run('up', '--json', '--port', '1')
  expect(ran.status).toBe(codes.data_dir_in_use.exit)
  expect(lastJson(ran).error.message).toContain(ready.server)
})

test('a lost login is found again by the kept password, with the same account and machine', async () => {
  const before = lastJson(await run('whoami', '--json')).account
  rmSync(join(folder.path, 'cli'), { recursive: true })
  expect(lastJson(await run('up', '--json'))).toEqual(ready)
  expect(lastJson(await run('whoami', '--json')).account).toEqual(before)
})

test('one login ends another, and a lost one is told', async () => {
  const { logins } = lastJson(await run('login', 'list', '--json'))
  expect(logins.length).toBeGreaterThanOrEqual(2)
  const [other] = logins.filter(({ current }: { current: boolean }) => !current)
  expect((await run('login', 'revoke', other.id)).status).toBe(0)
  expect(lastJson(await run('login', 'list', '--json')).logins).toHaveLength(logins.length - 1)
  const again = await run('login', 'revoke', 'login_0000000000000000', '--json')
  expect(lastJson(again).error.code).toBe('login_not_found')
})

test('init finds everything done', async () => {
  const { account, machine } = lastJson(await run('init', '--yes', '--json'))
  expect(account.email).toBe('owner@localhost.localdomain')
  expect(machine.id).toBe(ready.machine.id)
})

test('Ctrl-C ends the backend and not the machine; the next up finds both', async () => {
  expect(await stop(started, 'SIGINT')).toBe(exitStatus.interrupted)
  await expect(fetch(`${ready.server}/health`)).rejects.toThrow()
  expect((await fetch(`${ready.machine.endpoint}/health`)).status).toBe(200)
  const next = await up('--port', '0')
  started = next.child
  expect(next.ready, 'the port of last time, so that the login still fits').toEqual(ready)
  expect((await run('model', 'show')).status).toBe(0)
})

test('a port that another program has is named', async () => {
  using other = temporaryFolder()
  const server = createServer()
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const ran = await spoq(['up', '--yes', '--json', '--port', String(port)], { SPOQ_DATA_DIR: other.path })
  server.close()
  expect(ran.status).toBe(codes.port_taken.exit)
  expect(lastJson(ran).error).toMatchObject({ code: 'port_taken', message: expect.stringContaining(String(port)) })
})

test('a backend that dies is told', async () => {
  const { pid } = JSON.parse(readFileSync(join(folder.path, 'server/lock.json'), 'utf8'))
  const ended = once(started, 'exit')
  process.kill(pid, 'SIGKILL')
  expect(await ended).toEqual([exitStatus.failed, null])
  const { port } = new URL(ready.server)
  await expect(
    new Promise((_, reject) => createConnection(Number(port), '127.0.0.1').on('error', reject)),
  ).rejects.toThrow()
  started = (await up()).child
})
