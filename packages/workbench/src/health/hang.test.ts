// A Conductor that hangs: its process is there, holds its lock and answers nobody. On this very computer nobody watches over
// it but the backend.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AuditRecord } from '@spoq/contracts/audit'
import type { Machine } from '@spoq/contracts/machine'
import { folderHolder } from '@spoq/kit/folder-lock'
import { startBackend } from '@spoq/server/backend'
import { readConfig } from '@spoq/server/config'
import { openProbe } from '@spoq/server/health/probe'
import { expect, onTestFinished, test } from 'vitest'

test('a Conductor that hangs is found, told of and restarted, and is well again', { timeout: 120_000 }, async () => {
  const root = mkdtempSync(join(tmpdir(), 'spoq-hang-'))
  onTestFinished(() => rmSync(root, { recursive: true, force: true }))
  const config = readConfig({ SPOQ_DATA_DIR: root, SERVER_PORT: '0', LOG_LEVEL: 'error' })
  const backend = await startBackend(config, { healthMs: 300, openProbe: ports => openProbe(ports, 500) })
  onTestFinished(() => backend.stop())
  const { url } = backend
  const headers: Record<string, string> = { 'content-type': 'application/json', origin: url }
  const ask = async (method: string, path: string, body?: object) => {
    const response = await fetch(`${url}${path}`, { method, headers, ...(body && { body: JSON.stringify(body) }) })
    if (!response.ok) throw new Error(`${path}: ${await response.text()}`)
    return response
  }
  const person = { email: 'ada@example.com', name: 'ada', password: 'correct horse' }
  const cookies = (await ask('POST', '/api/auth/register', person)).headers.getSetCookie()
  headers.cookie = cookies.map(line => line.split(';', 1)[0]).join('; ')
  const { id } = (await (await ask('POST', '/api/machines', {})).json()) as Machine
  onTestFinished(async () => {
    await ask('POST', `/api/machines/${id}/terminate`)
    await expect.poll(async () => (await show()).state, { timeout: 30_000 }).toBe('terminated')
  })
  const show = async () => (await (await ask('GET', `/api/machines/${id}`)).json()) as Machine
  const history = async () =>
    ((await (await ask('GET', `/api/machines/${id}/history`)).json()) as { records: AuditRecord[] }).records
  await expect.poll(async () => (await show()).health?.state, { timeout: 60_000 }).toBe('healthy')
  const { endpoint } = await show()

  const folder = join(root, 'machines', id)
  const pid = folderHolder(folder)?.pid ?? 0
  process.kill(pid, 'SIGSTOP')
  await expect.poll(async () => (await show()).health?.state, { timeout: 30_000 }).toBe('unhealthy')
  await expect.poll(async () => (await show()).health?.state, { timeout: 60_000 }).toBe('healthy')
  expect(folderHolder(folder)?.pid).not.toBe(pid)
  expect(await show()).toMatchObject({ state: 'running', wanted: 'running', endpoint, error: null })
  const actions = (await history()).map(({ action }) => action)
  expect(actions.slice(actions.indexOf('machine.unhealthy'))).toEqual([
    'machine.unhealthy',
    'machine.restart',
    'machine.restart-done',
    'machine.healthy',
  ])
})
