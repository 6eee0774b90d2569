// A whole Conductor with a limit: what it refuses, what it tells its backend, and that a crash counts nothing twice.

import { setTimeout as sleep } from 'node:timers/promises'
import { call } from '@spoq/client/call'
import { overSocket } from '@spoq/client/socket'
import { type AccessHeld, backendScope } from '@spoq/contracts/access'
import { type MessageLimits, monthAt } from '@spoq/contracts/message'
import * as route from '@spoq/contracts/session'
import { showStatus } from '@spoq/contracts/status'
import { socketPath } from '@spoq/kit/socket-path'
import { startAnthropic } from '@spoq/workbench/stand-ins/anthropic'
import { request } from 'undici'
import { expect, onTestFinished, test } from 'vitest'
import { writeAccess } from '../access/file.ts'
import { testBackend } from '../testing/backend.ts'
import { machineFolder, overLocal, setModels, startMachine } from '../testing/machine.ts'
import { kill, startProcess } from '../testing/process.ts'

const start = Date.parse('2026-11-30T23:00:00Z')
const hour = 3_600_000
const limit = (most: number) => ({ most, elsewhere: 0, here: 0, next: 'Buy more.' })
const free = (most: number): MessageLimits => ({
  plan: 'Free',
  month: '2026-11',
  all: limit(most),
  onCredit: limit(most),
})

async function machine() {
  let time = start
  const { sign, config } = await testBackend(start)
  const folder = machineFolder({ ...config, edge: { host: '127.0.0.1', port: 0 } })
  const conductor = await startMachine(folder, { now: () => time })
  const asBackend = async (method: 'GET' | 'PUT', body?: object) => {
    const token = await sign({ sub: config.issuer, scope: backendScope })
    const answer = await fetch(`${conductor.endpoint}/api/access`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', connection: 'close' },
      ...(body ? { body: JSON.stringify(body) } : {}),
    })
    expect(answer.status).toBe(200)
    return (await answer.json()) as AccessHeld
  }
  let number = 0
  const tell = (more: object) => asBackend('PUT', { number: ++number, members: config.members, revoked: [], ...more })
  const target = overLocal(conductor.socket)
  const ask = (question: object = {}) =>
    call(target, route.ask, { body: { question: 'hi', model: 'demo', ...question } })
  const held = () => asBackend('GET')
  const pass = (ms: number) => {
    time += ms
  }
  return { target, tell, held, ask, folder, pass }
}

test('of three messages a month the fourth is refused, the next month it is not; a limit that goes lets go at once', async () => {
  const { target, tell, held, ask, pass } = await machine()
  expect(await tell({ messages: free(3) })).toEqual({ number: 1, messages: [] })
  const { session } = await ask()
  await ask({ session })
  expect((await ask()).messages).toEqual({ used: 3, most: 3, onCredit: false, until: '2026-12-01T00:00:00.000Z' })
  await expect(ask()).rejects.toMatchObject({ code: 'messages_used_up', next: 'Buy more.' })
  await expect(ask({ session })).rejects.toMatchObject({ code: 'messages_used_up' })
  expect((await call(target, route.listSessions)).sessions).toHaveLength(2)
  expect((await held()).messages).toEqual([{ month: '2026-11', all: 3, onCredit: 0 }])
  expect((await call(target, showStatus)).messages).toMatchObject([
    { used: 3, most: 3 },
    { used: 0, onCredit: true },
  ])

  await tell({})
  await ask()
  await tell({ messages: free(3) })
  await expect(ask()).rejects.toMatchObject({ code: 'messages_used_up' })
  pass(hour)
  await ask()
  expect((await held()).messages).toEqual([
    { month: '2026-12', all: 1, onCredit: 0 },
    { month: '2026-11', all: 4, onCredit: 0 },
  ])
})

// Mutants: a tool's result counted; a call of another tool not.
test('what another tool asks is a message as well, and what it tells of its own tools is none', async () => {
  const { tell, ask, folder } = await machine()
  await tell({ messages: free(2) })
  const dispatcher = overSocket(socketPath(folder, 'local.sock'))
  onTestFinished(() => dispatcher.destroy())
  const post = async (...messages: object[]) => {
    const sent = { method: 'POST', body: JSON.stringify({ model: 'demo', messages }), dispatcher }
    const headers = { 'content-type': 'application/json' }
    const answer = await request('http://machine/v1/chat/completions', { ...sent, headers })
    return (await answer.body.json()) as { error?: { code: string; type: string } }
  }
  const user = { role: 'user', content: 'count 2' }
  const called = { id: 'c', type: 'function', function: { name: 'weather', arguments: '{}' } }
  await ask()
  expect(await post(user)).not.toHaveProperty('error')
  const refused = { error: expect.objectContaining({ code: 'messages_used_up' }) }
  expect(await post(user)).toEqual(refused)
  const result = { role: 'tool', tool_call_id: 'c', content: 'rain' }
  expect(await post(user, { role: 'assistant', tool_calls: [called] }, result)).not.toHaveProperty('error')
  await expect(ask()).rejects.toMatchObject({ code: 'messages_used_up' })
})

test('a turn on Spoq credit is known by its key', async () => {
  const { tell, held, ask, folder } = await machine()
  const vendor = await startAnthropic([{ pieces: ['One.'] }])
  onTestFinished(() => vendor.stop())
  setModels(folder, { chosen: 'anthropic/stand-in' })
  const messages = { ...free(9), all: null, onCredit: limit(1) }
  const key = (text: string) => ({ modelKeys: [{ vendor: 'anthropic', url: vendor.url, key: text }], messages })
  await tell(key('spoq-credit_mach_0123456789abcdef0123_1_x'))
  await ask({ model: undefined })
  await expect(ask({ model: undefined })).rejects.toMatchObject({ next: expect.stringContaining('spoq model key set') })
  await tell(key('sk-ant-own'))
  await ask({ model: undefined })
  expect((await held()).messages).toEqual([{ month: '2026-11', all: 2, onCredit: 1 }])
})

test('killed while a question comes, and asked again under its key, it is counted once', async () => {
  const folder = machineFolder()
  const month = monthAt(Date.now())
  const messages = { ...free(100), month }
  writeAccess(folder, { number: 1, members: [], revoked: [], revokedTokens: [], messages })
  const target = () => overLocal(socketPath(folder, 'local.sock'))
  let child = await startProcess(folder)
  for (const [at, ms] of [0, 2, 5, 10, 20].entries()) {
    const asked = { body: { question: 'hi', model: 'demo' }, idempotencyKey: `question-${at}` }
    const first = call(target(), route.ask, asked).catch(() => {})
    await sleep(ms)
    await kill(child)
    await first
    child = await startProcess(folder)
    await call(target(), route.ask, asked)
    expect((await call(target(), showStatus)).messages?.[0]).toMatchObject({ used: at + 1 })
  }
}, 60_000)
