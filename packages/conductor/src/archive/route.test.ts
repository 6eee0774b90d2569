// The archive over HTTP: who may have it, and a Conductor that goes on with what was put back.

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { call } from '@spoq/client/call'
import { archiveScope, archiveType } from '@spoq/contracts/archive'
import { listSessions, showSession } from '@spoq/contracts/session'
import { startOpenAi } from '@spoq/workbench/stand-ins/openai'
import { expect, test } from 'vitest'
import type { ConductorOptions } from '../conductor.ts'
import { alice, testBackend } from '../testing/backend.ts'
import { askAndRead, machineFolder, machineId, overLocal, startMachine, textOf, useModel } from '../testing/machine.ts'
import { pressThenDone, pressTool } from '../testing/press.ts'

async function machine({ folder = machineFolder(), ...options }: Partial<ConductorOptions> = {}) {
  const { sign, config } = await testBackend(Date.now())
  const edge = { host: '127.0.0.1', port: 0 }
  writeFileSync(join(folder, 'conductor.json'), JSON.stringify({ machine: machineId, ...config, edge }))
  const conductor = await startMachine(folder, { ...options, now: options.now ?? Date.now })
  const ours = await sign({ sub: config.issuer, scope: archiveScope })
  const at = (endpoint: string | null) => ({
    get: (token = ours) => fetch(`${endpoint}/api/archive`, { headers: { authorization: `Bearer ${token}` } }),
    put: (body: Uint8Array | string, token = ours, type = archiveType) =>
      fetch(`${endpoint}/api/archive`, {
        method: 'PUT',
        headers: { authorization: `Bearer ${token}`, 'content-type': type },
        body,
      }),
  })
  return { sign, config, folder, conductor, at, ...at(conductor.endpoint) }
}

const codeOf = async (response: Response) => [response.status, ((await response.json()) as { code: string }).code]

test('a session that was put back goes on where it was, and what came after is gone', async () => {
  const { folder, conductor, get, put } = await machine()
  const local = overLocal(conductor.socket)
  writeFileSync(join(folder, 'workspace/kept'), 'as it was')
  const { session } = await askAndRead(local, { question: 'count 1', model: 'demo' })
  const last = (await call(local, showSession, { params: { session } })).lastEvent
  const archive = new Uint8Array(await (await get()).arrayBuffer())
  writeFileSync(join(folder, 'workspace/kept'), 'changed')
  await askAndRead(local, { question: 'count 2', model: 'demo', session })
  await askAndRead(local, { question: 'count 4', model: 'demo' })

  const response = await put(archive)
  expect(await response.json()).toMatchObject({ files: 2 })
  expect(await conductor.stopped).toBe('restart')
  const anew = await startMachine(folder, {})
  expect(anew.endpoint).toBe(conductor.endpoint)
  const again = overLocal(anew.socket)
  expect((await call(again, listSessions, { query: {} })).sessions.map(({ id }) => id)).toEqual([session])
  expect(readFileSync(join(folder, 'workspace/kept'), 'utf8')).toBe('as it was')
  const { events } = await askAndRead(again, { question: 'count 3', model: 'demo', session })
  expect(textOf(events)).not.toBe('')
  expect(events[0]?.id).toBe(last + 1)
})

test('an archive is read while a turn goes on, and none is put back then', async () => {
  const folder = machineFolder()
  useModel(folder, await startOpenAi(pressThenDone))
  const { press } = pressTool(folder)
  const { conductor, get, put } = await machine({ folder, tools: [press] })
  const waiting = ({ type }: { type: string }) => type === 'approval.requested'
  await askAndRead(overLocal(conductor.socket), { question: 'press A' }, waiting)
  const archive = new Uint8Array(await (await get()).arrayBuffer())
  expect(await codeOf(await put(archive))).toEqual([409, 'machine_busy'])
})

test("it is the backend's alone, and nothing else that the backend may do opens it", async () => {
  const { sign, config, get, put } = await machine()
  for (const send of [get, (token: string) => put('x', token)]) {
    expect(await codeOf(await send(await sign()))).toEqual([403, 'forbidden'])
    const wide = await sign({ sub: alice, scope: `${archiveScope} machine:write` })
    expect(await codeOf(await send(wide))).toEqual([403, 'forbidden'])
    const little = await sign({ sub: config.issuer, scope: 'machine:configure' })
    expect(await codeOf(await send(little))).toEqual([403, 'scope_missing'])
  }
})

test('what is no archive changes nothing, and the Conductor goes on', async () => {
  const { conductor, put } = await machine()
  expect(await codeOf(await put(''))).toEqual([400, 'archive_invalid'])
  expect(await codeOf(await put('rubbish'.repeat(1_000)))).toEqual([400, 'archive_invalid'])
  expect(await codeOf(await put(new Uint8Array(100_000)))).toEqual([400, 'archive_invalid'])
  expect(await codeOf(await put('{}', undefined, 'application/json'))).toEqual([400, 'invalid_request'])
  await askAndRead(overLocal(conductor.socket), { question: 'count 5', model: 'demo' })
})
