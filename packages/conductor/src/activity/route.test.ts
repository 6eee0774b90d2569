import { once } from 'node:events'
import { createServer } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { backendScope } from '@spoq/contracts/access'
import { expect, onTestFinished, test } from 'vitest'
import { alice, testBackend } from '../testing/backend.ts'
import { machineFolder, startMachine } from '../testing/machine.ts'

const start = Date.parse('2026-11-21T10:00:00Z')

/** A Conductor whose backend shows its keys only once it is let to. */
async function machine() {
  let time = start
  const { sign, config } = await testBackend(start)
  const asked = Promise.withResolvers<void>()
  const shown = Promise.withResolvers<void>()
  const slow = createServer(async (_, response) => {
    asked.resolve()
    await shown.promise
    const keys = await fetch(config.jwksUrl)
    response.setHeader('content-type', 'application/json').end(await keys.text())
  }).listen(0, '127.0.0.1')
  await once(slow, 'listening')
  onTestFinished(() => void slow.close().closeAllConnections())
  const jwksUrl = `http://127.0.0.1:${(slow.address() as AddressInfo).port}/jwks`
  const folder = machineFolder({ ...config, jwksUrl, edge: { host: '127.0.0.1', port: 0 } })
  const { endpoint } = await startMachine(folder, { now: () => time })
  const ask = async (method: string, path: string, token: string, body?: object) => {
    const response = await fetch(`${endpoint}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, ...(body ? { 'content-type': 'application/json' } : {}) },
      ...(body ? { body: JSON.stringify(body) } : {}),
    })
    return {
      status: response.status,
      retryAfter: response.headers.get('retry-after'),
      ...((await response.json()) as object),
    }
  }
  const ours = await sign({ sub: config.issuer, scope: backendScope })
  const pass = (ms: number) => {
    time += ms
  }
  return { endpoint: String(endpoint), hers: await sign(), ours, ask, pass, asked: asked.promise, show: shown.resolve }
}

const idleMs = 60_000

test('one that sleeps takes no request but looks at it, until it is told its access', async () => {
  const { ask, hers, ours, pass, show } = await machine()
  show()
  expect(await ask('GET', '/api/sessions', hers)).toMatchObject({ status: 200 })
  expect(await ask('POST', '/api/sleep', hers, { idleMs: 0 })).toMatchObject({ status: 403, code: 'forbidden' })
  pass(idleMs - 1)
  const used = new Date(start).toISOString()
  expect(await ask('POST', '/api/sleep', ours, { idleMs })).toMatchObject({ asleep: false, activeAt: used })
  pass(1)
  expect(await ask('POST', '/api/sleep', ours, { idleMs })).toMatchObject({ asleep: true, activeAt: used })
  const refused = { status: 503, code: 'unavailable', retryAfter: '1' }
  expect(await ask('GET', '/api/sessions', hers)).toMatchObject(refused)
  expect(await ask('GET', '/api/status', hers)).toMatchObject({ status: 200 })
  const told = { number: 1, members: [alice], revoked: [] }
  expect(await ask('PUT', '/api/access', ours, told)).toMatchObject({ status: 200 })
  expect(await ask('GET', '/api/sessions', hers)).toMatchObject({ status: 200 })
})

// Mutant: wait for the close of an answer that was closed before.
test('whoever leaves while it is looked who it is keeps it awake for no longer', async () => {
  const { endpoint, ask, hers, ours, pass, asked, show } = await machine()
  const { hostname, port } = new URL(endpoint)
  const socket = connect(Number(port), hostname)
  socket.write(`GET /api/sessions HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${hers}\r\n\r\n`)
  await asked
  socket.destroy()
  await sleep(100)
  show()
  await ask('GET', '/api/status', hers)
  pass(idleMs)
  expect(await ask('POST', '/api/sleep', ours, { idleMs })).toMatchObject({ asleep: true })
})
