// The plan's messages of a month, from the command line: what one machine used is gone for the next one, the last is refused
// with the way out, and a better plan lifts it at once. The machines are this computer's, and count as the operator's fleet.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { call } from '@spoq/client/call'
import { overSocket } from '@spoq/client/socket'
import { ask } from '@spoq/contracts/session'
import { socketPath } from '@spoq/kit/socket-path'
import { type Backend, startBackend } from '@spoq/server/backend'
import { readConfig } from '@spoq/server/config'
import { openProviders } from '@spoq/server/provider/open'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Computer, newComputer, register, signIn } from './computer.ts'

const ada = { email: 'ada@example.com', password: 'a long password' }
let dataDir: string
let backend: Backend
let desk: Computer

beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'spoq-messages-'))
  const env = { SPOQ_DATA_DIR: dataDir, SERVER_PORT: '0', LOG_LEVEL: 'error' }
  const config = readConfig({ ...env, DEFAULT_PLAN: 'free', ADMIN_EMAILS: ada.email })
  backend = await startBackend(config, {
    healthMs: 200,
    openProviders: installation => {
      const providers = new Map(openProviders(config, installation, Date.now))
      for (const [name, one] of providers)
        providers.set(name, { ...one, capabilities: { ...one.capabilities, hardware: 'fleet' } })
      return providers
    },
  })
  desk = newComputer(backend.url)
  await register(backend.url, ada)
  await backend.database.query('UPDATE account SET email_verified = true')
  await signIn(backend.url, desk, ada)
}, 120_000)
afterAll(async () => {
  await terminate()
  desk.remove()
  await backend.stop()
  rmSync(dataDir, { recursive: true, force: true })
}, 120_000)

const json = async (...args: string[]) => {
  const ran = await desk.spoq([...args, '--json'])
  return JSON.parse(ran.stdout.trim().split('\n').at(-1) ?? '')
}
const terminate = async () => {
  for (const { id, state } of (await json('machine', 'list')).machines)
    if (state !== 'terminated') await desk.spoq(['machine', 'terminate', id, '--now', '--yes'])
}
const provision = async () => (await json('provision', '--yes')).machine as { id: string }
const asks = () => desk.spoq(['ask', '--model', 'demo', 'count 1'])
const used = () => backend.database.query('SELECT total FROM message_count ORDER BY total')

/** So many questions, as a program on the machine asks them. */
async function askThere({ id }: { id: string }, times: number): Promise<void> {
  const dispatcher = overSocket(socketPath(join(dataDir, 'machines', id), 'local.sock'))
  const target = { origin: 'http://machine', dispatcher, unreachable: 'machine_unreachable', now: Date.now } as const
  for (let n = 0; n < times; n++) await call(target, ask, { body: { question: 'count 1', model: 'demo' } })
  await dispatcher.close()
}

test('what a machine used is gone for the next one; the last of the month is refused; a better plan lifts it', async () => {
  await askThere(await provision(), 88)
  await expect.poll(used, { timeout: 30_000 }).toEqual([{ total: 88 }])
  await terminate()

  const next = await provision()
  const warned = await asks()
  expect(warned.status).toBe(0)
  expect(warned.stderr).not.toContain('messages of this month')
  await askThere(next, 9)
  expect((await asks()).stderr).toMatch(/messages of this month: 99 of 100 until 1 \w+ \(UTC\)/)
  expect((await desk.spoq(['status', '--machine', next.id])).stdout).toMatch(/messages +99 of 100 until 1 /)
  expect((await asks()).status).toBe(0)
  const subscription = async () => (await desk.spoq(['subscription', 'show'])).stdout
  await expect.poll(subscription, { timeout: 15_000 }).toMatch(/^Messages of this month: 100 of 100 until 1 /m)

  const refused = await asks()
  expect(refused.status).toBe(8)
  expect(refused.stderr).toContain('100 of 100 messages that the plan Free has a month are used, until 1 ')
  expect(refused.stderr).toContain('run spoq subscribe --plan basic')
  expect(await json('ask', '--model', 'demo', 'count 1')).toMatchObject({ error: { code: 'messages_used_up' } })

  const give = (plan: string) => desk.spoq(['admin', 'plan', 'set', ada.email, plan, '--reason', 'a gift'])
  expect((await give('basic')).status).toBe(0)
  // By itself it would be looked at in half a minute.
  await expect.poll(async () => (await asks()).status, { timeout: 15_000 }).toBe(0)
  expect((await give('none')).status).toBe(0)
  await expect.poll(async () => (await asks()).status, { timeout: 15_000 }).toBe(8)
}, 240_000)
