// Each thing is broken for real, and the right line says so.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { createServer, type RequestListener } from 'node:http'
import { type AddressInfo, createServer as createTcp } from 'node:net'
import { join } from 'node:path'
import { call } from '@spoq/client/call'
import { chooseModel } from '@spoq/contracts/model'
import { listSessions } from '@spoq/contracts/session'
import { startMachine, type TestMachine } from '@spoq/workbench/stand-ins/machine'
import { startOpenAi } from '@spoq/workbench/stand-ins/openai'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { contextOf } from '../context.ts'
import { ssh } from '../doctor/check/ssh.ts'
import { checks } from '../doctor/checks.ts'
import type { Examined } from '../doctor/examine.ts'
import { bin, temporaryFolder } from '../testing.ts'

let machine: TestMachine

beforeAll(async () => {
  machine = await startMachine()
})
afterAll(() => machine.stop())

async function doctor(env: Record<string, string>, args: string[] = []) {
  const folder = temporaryFolder()
  onTestFinished(() => folder[Symbol.dispose]())
  const { PATH } = process.env
  const own = { PATH, HOME: folder.path, SPOQ_DATA_DIR: join(folder.path, 'data'), SPOQ_KEYCHAIN: 'off', ...env }
  const child = spawn(process.execPath, [bin, 'doctor', '--json', ...args], { env: own, stdio: 'pipe' })
  child.stdin.end()
  let out = ''
  child.stdout.on('data', piece => (out += piece))
  const [status] = await once(child, 'close')
  const all = JSON.parse(out).checks as Examined[]
  return { status, all, of: (id: string) => all.find(one => one.id === id) }
}

/** A server on this computer that is not well. */
async function listening(answer: RequestListener): Promise<string> {
  const server = createServer(answer)
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const healthy: RequestListener = (_, response) =>
  response.writeHead(200, { 'content-type': 'application/json' }).end('{"status":"ok"}')

test.each([
  [
    'it answers as an SSH gateway',
    'SSH-2.0-Spoq\r\n',
    { state: 'ok', says: expect.stringMatching(/answers in \d+ ms$/) },
  ],
  ['another program listens there', 'HTTP/1.1 400\r\n', { state: 'warn', says: expect.stringContaining('no SSH') }],
  ['nobody listens there', null, { state: 'warn', says: expect.stringContaining('ECONNREFUSED') }],
])('the SSH gateway is looked at: %s', async (_, says, found) => {
  const gateway = createTcp(socket => void socket.on('error', () => {}).end(says ?? ''))
  await new Promise<void>(resolve => gateway.listen(0, '127.0.0.1', resolve))
  const { port } = gateway.address() as AddressInfo
  if (says === null) await new Promise(resolve => gateway.close(resolve))
  else onTestFinished(() => void gateway.close())
  const hostKeys = [`ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI${'A'.repeat(43)}`]
  const server = await listening((_request, response) =>
    response
      .writeHead(200, { 'content-type': 'application/json' })
      .end(JSON.stringify({ gateway: { host: '127.0.0.1', port, others: [], hostKeys } })),
  )
  const context = contextOf({}, { bin: 'spoq', root: '/', env: { SPOQ_SERVER: server, SPOQ_TOKEN: 'spoq_pat_x' } })
  const look = { context, here: null, asksModel: false, signal: AbortSignal.timeout(5_000), found: {} }
  expect(await ssh.run(look)).toMatchObject(found)
})

test('what a check needs stands before it, and no name is there twice', () => {
  const before = new Set<string>()
  for (const { id, needs = [] } of checks) {
    for (const need of needs) expect(before, `${id} needs ${need}`).toContain(need)
    expect(before).not.toContain(id)
    before.add(id)
  }
})

test('on a machine that is well nothing fails, and the model is asked only when that is said', async () => {
  const { status, all, of } = await doctor({ SPOQ_MARKER: machine.marker })
  expect(all.map(({ id }) => id)).toEqual(checks.map(({ id }) => id))
  expect({ status, failed: all.filter(({ state }) => state === 'fail' || state === 'not checked') }).toEqual({
    status: 0,
    failed: [],
  })
  expect(of('connection')?.says).toMatch(/^version \d.* answers in \d+ ms$/)
  expect(of('disk')?.says).toMatch(/GB free/)
  expect(of('isolation')).toMatchObject({ state: 'warn', next: expect.stringContaining('bubblewrap') })
  expect(of('model')).toMatchObject({ state: 'warn', says: 'none is chosen' })
  await call(machine.target, chooseModel, { body: { name: 'demo' } })
  expect((await doctor({ SPOQ_MARKER: machine.marker }, ['--model'])).of('model')).toMatchObject({
    state: 'ok',
    says: expect.stringMatching(/it answered in \d+ ms$/),
  })
  expect((await call(machine.target, listSessions)).sessions).toEqual([])
})

test('a model that does not answer', async () => {
  const model = await startOpenAi([{ pieces: ['ready'] }])
  await call(machine.target, chooseModel, { body: { name: 'openai-compatible/gone', url: model.url } })
  await model.stop()
  const { status, of } = await doctor({ SPOQ_MARKER: machine.marker }, ['--model'])
  expect({ status, state: of('model')?.state }).toEqual({ status: 1, state: 'fail' })
})

test('a machine whose Conductor is gone', async () => {
  using folder = temporaryFolder()
  const marker = join(folder.path, 'marker')
  writeFileSync(marker, JSON.stringify({ folder: folder.path }))
  const { status, of } = await doctor({ SPOQ_MARKER: marker })
  expect(status).toBe(1)
  expect(of('connection')).toMatchObject({ state: 'fail', says: 'The machine does not answer' })
  for (const id of ['isolation', 'disk', 'model'])
    expect(of(id)).toMatchObject({ state: 'not checked', says: 'needs connection' })
})

test.each<[string, RequestListener | null, RegExp]>([
  ['that is not there', null, /Nothing answers at/],
  ['that is something else', (_, response) => void response.writeHead(404).end('<html>'), /not as Spoq does/],
  ['that takes the call and says nothing', () => {}, /no answer within 5 s/],
])('a server %s', async (_, answer, says) => {
  const { status, of } = await doctor({ SPOQ_SERVER: answer ? await listening(answer) : 'http://127.0.0.1:9' })
  expect(status).toBe(1)
  expect(of('server')).toMatchObject({ state: 'fail', says: expect.stringMatching(says) })
  for (const id of ['clock', 'login', 'machine', 'connection', 'model']) expect(of(id)?.state).toBe('not checked')
})

test('a clock that is an hour behind', async () => {
  const date = new Date(Date.now() + 3_600_000).toUTCString()
  const server = await listening((request, response) => {
    response.setHeader('date', date)
    healthy(request, response)
  })
  expect((await doctor({ SPOQ_SERVER: server })).of('clock')).toMatchObject({
    state: 'fail',
    says: expect.stringMatching(/^this computer is 3[56]\d\d s behind the server$/),
  })
})

test('nobody is signed in', async () => {
  const { of } = await doctor({ SPOQ_SERVER: await listening(healthy) })
  expect(of('clock')?.state).toBe('ok')
  expect(of('login')).toMatchObject({ state: 'fail', next: 'Run spoq login.' })
  expect(of('machine')).toMatchObject({ state: 'not checked', says: 'needs login' })
})

test('a data folder that others may read', async () => {
  using folder = temporaryFolder()
  mkdirSync(join(folder.path, 'cli'))
  chmodSync(join(folder.path, 'cli'), 0o755)
  const { of } = await doctor({ SPOQ_MARKER: machine.marker, SPOQ_DATA_DIR: folder.path })
  expect(of('data folder')).toMatchObject({ state: 'fail', says: expect.stringContaining('open to others (755)') })
})

test('a proxy that is set, and a completion that is not installed', async () => {
  const { of } = await doctor({ SPOQ_MARKER: machine.marker, HTTPS_PROXY: 'http://x', SHELL: '/bin/bash' })
  expect(of('proxy')).toMatchObject({ state: 'warn', says: 'HTTPS_PROXY is set, and Spoq goes directly' })
  expect(of('completion')).toMatchObject({ state: 'warn', says: 'not installed for bash' })
})
