import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Connection, Probe } from '@spoq/contracts/connection'
import { expect, onTestFinished, test } from 'vitest'
import { contextOf } from '../context.ts'
import { type AskedServer, confirmServer, nextStep } from './confirm.ts'

const fingerprint = `SHA256:${'A'.repeat(43)}`
const connection: Connection = {
  id: 'conn_0123456789abcdef0123',
  address: '203.0.113.7',
  port: 22,
  user: 'root',
  line: 'sh -c …',
  publicKey: 'restrict ssh-ed25519 AAAA spoq-conn_0123456789abcdef0123',
  fingerprint: null,
  machine: null,
  createdAt: '2026-11-21T10:00:00.000Z',
}
const ready: Probe = { state: 'ready', fingerprint, system: 'debian 12', reason: null }
const missing: Probe = { ...ready, state: 'key_missing', system: null, reason: 'It does not take the key.' }

/** A backend that knows one server, and no terminal. */
async function confirmed(probe: Probe, asked: AskedServer) {
  const asks: string[] = []
  const server = createServer((request, response) => {
    asks.push(`${request.method} ${request.url}`)
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify(request.url?.endsWith('/probe') ? probe : connection))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  const { port } = server.address() as AddressInfo
  const context = contextOf({ json: true }, { bin: 'spoq', root: '/', env: { CI: '1' } })
  const target = { origin: `http://127.0.0.1:${port}`, unreachable: 'server_unknown', now: Date.now } as const
  const answer = await confirmServer(context, target, asked, () => expect.unreachable('nothing is said')).catch(
    error => error,
  )
  return { answer, asks }
}

test('without a terminal a server that is not let in yet is told with its line, and what comes next', async () => {
  const { answer, asks } = await confirmed(missing, { address: '203.0.113.7' })
  expect(answer).toEqual({ connection, probe: missing })
  expect(nextStep(answer)).toMatch(/Paste the line there, then: spoq provision --provider byo --connection conn_\w+$/)
  expect(asks).toEqual(['POST /api/connections', `POST /api/connections/${connection.id}/probe`])
})

test('nobody confirms a fingerprint but the person: without it nothing goes on', async () => {
  const { answer } = await confirmed(ready, { connection: connection.id })
  expect(answer).toEqual({ connection, probe: ready })
  expect(nextStep(answer)).toContain(`--fingerprint ${fingerprint}`)
})

test('the one that was confirmed goes on; another one is refused here already', async () => {
  const { answer } = await confirmed(ready, { connection: connection.id, fingerprint })
  expect(answer).toEqual({ connection: connection.id, fingerprint })
  const other = await confirmed(ready, { connection: connection.id, fingerprint: `SHA256:${'B'.repeat(43)}` })
  expect(other.answer).toMatchObject({ code: 'host_key_changed' })
})

test.each([
  [{ ...ready, state: 'unfit', reason: 'Port 443 is taken there.' } as Probe, {}, 'connection_unready'],
  [ready, { address: 'not an address' }, 'usage'],
  [ready, { address: undefined }, 'usage'],
])('what cannot be is refused with a reason', async (probe, asked, code) => {
  const { answer } = await confirmed(probe, { address: '203.0.113.7', ...asked })
  expect(answer).toMatchObject({ code })
})
