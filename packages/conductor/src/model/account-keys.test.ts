import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { call } from '@spoq/client/call'
import type { PushedModelKey } from '@spoq/contracts/access'
import { listModels, removeModelKey, setModelKey, showModel } from '@spoq/contracts/model'
import { startAnthropic } from '@spoq/workbench/stand-ins/anthropic'
import { startOpenAi } from '@spoq/workbench/stand-ins/openai'
import { expect, onTestFinished, test } from 'vitest'
import { openAccess } from '../access/index.ts'
import { testBackend } from '../testing/backend.ts'
import { askAndRead, machineFolder, machineId, overLocal, setModels, startMachine, textOf } from '../testing/machine.ts'
import { modelKeys } from './keys.ts'

const start = Date.parse('2026-11-21T10:00:00Z')

async function machine() {
  const { sign, config } = await testBackend(start)
  const folder = machineFolder({ ...config, edge: { host: '127.0.0.1', port: 0 } })
  const lines: string[] = []
  const logger = (line: object) => void lines.push(JSON.stringify(line))
  const conductor = await startMachine(folder, { now: () => start, logger })
  let number = 0
  /** The backend tells the machine the account's keys; undefined leaves them. */
  const tell = async (keys: PushedModelKey[] | undefined) => {
    const token = await sign({ sub: config.issuer, scope: 'machine:configure' })
    const snapshot = { number: ++number, members: config.members, revoked: [], modelKeys: keys }
    const response = await fetch(`${conductor.endpoint}/api/access`, {
      method: 'PUT',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', connection: 'close' },
      body: JSON.stringify(snapshot),
    })
    return { status: response.status, text: await response.text() }
  }
  const target = overLocal(conductor.socket)
  const ask = async () => textOf((await askAndRead(target, { question: 'q' })).events)
  const keys = async () => (await call(target, listModels)).keys
  return { folder, target, tell, ask, keys, lines }
}

async function vendor(...answers: string[]) {
  const server = await startAnthropic(answers.map(answer => ({ pieces: [answer] })))
  onTestFinished(() => server.stop())
  return { server, pushed: { vendor: 'anthropic' as const, url: server.url, key: server.key } }
}

test("the account's key is used from the next turn on, without a restart, and no more once it is removed", async () => {
  const { server, pushed } = await vendor('One.', 'Two.')
  const { folder, target, tell, ask, keys } = await machine()
  setModels(folder, { chosen: 'anthropic/stand-in' })
  await expect(ask()).rejects.toMatchObject({ code: 'key_missing' })
  expect(await tell([pushed])).toEqual({ status: 200, text: '{"number":1,"messages":[]}' })
  expect(await ask()).toBe('One.')
  expect(await call(target, showModel)).toMatchObject({ url: server.url, hasKey: true })
  expect(await keys()).toEqual([
    { vendor: 'anthropic', masked: 'sk-…0123', url: server.url, from: 'account', used: true },
  ])
  await tell(undefined)
  expect(await ask(), 'a message without keys leaves them').toBe('Two.')
  await tell([])
  await expect(ask()).rejects.toMatchObject({ code: 'key_missing' })
  expect(await keys()).toEqual([])
  expect(readdirSync(join(folder, 'model-keys'))).toEqual(['kek.json'])
})

test("the machine's own key is taken before the account's, with its own address, until it is removed", async () => {
  const [own, theirs] = [await vendor('Own.'), await vendor('Theirs.')]
  const { folder, target, tell, ask, keys } = await machine()
  setModels(folder, { chosen: 'anthropic/stand-in' })
  await tell([theirs.pushed])
  const body = { key: own.server.key, url: own.server.url }
  await call(target, setModelKey, { params: { vendor: 'anthropic' }, body })
  expect(await ask()).toBe('Own.')
  expect(theirs.server.asked).toEqual([])
  expect((await keys()).map(({ from, used }) => [from, used])).toEqual([
    ['machine', true],
    ['account', false],
  ])
  await call(target, removeModelKey, { params: { vendor: 'anthropic' } })
  // The address that was set on the machine stays, and the account's key is for another one: it is not sent there.
  await expect(ask()).rejects.toMatchObject({ code: 'key_missing' })
  setModels(folder, { url: {} })
  expect(await ask()).toBe('Theirs.')
})

test("an OpenAI-compatible address comes with the account's key, and its models are known by their own names", async () => {
  const server = await startOpenAi([{ pieces: ['Hello.'] }], ['stand-in'], { key: 'sk-compatible-0123' })
  onTestFinished(() => server.stop())
  const { folder, tell, ask } = await machine()
  setModels(folder, { chosen: 'openai-compatible/stand-in' })
  await tell([{ vendor: 'openai-compatible', url: server.url, key: 'sk-compatible-0123' }])
  expect(await ask()).toBe('Hello.')
})

test('a key stands in no file, answer or log in the clear, and its file is for this user alone', async () => {
  const { pushed } = await vendor('One.')
  const { folder, tell, ask, lines } = await machine()
  setModels(folder, { chosen: 'anthropic/stand-in' })
  const answer = await tell([pushed])
  await ask()
  expect(statSync(join(folder, 'model-keys/account.sealed')).mode & 0o777).toBe(0o600)
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter(one => one.isFile())
  expect(files.length).toBeGreaterThan(3)
  for (const { parentPath, name } of files)
    expect(readFileSync(join(parentPath, name), 'latin1'), name).not.toContain(pushed.key)
  expect(answer.text + lines.join()).not.toContain(pushed.key)
  expect(lines.join()).toContain('/api/access')
})

test('a file that is damaged or of another machine holds no key, and the next message mends it', async () => {
  const folder = machineFolder()
  const key = { vendor: 'openai' as const, url: 'https://api.openai.com/v1', key: 'sk-of-the-account' }
  await modelKeys(folder, machineId).keepOfAccount([key])
  expect(await modelKeys(folder, machineId).ofAccount()).toEqual([key])
  expect(await modelKeys(folder, 'mach_another').ofAccount()).toEqual([])
  rmSync(join(folder, 'model-keys/kek.json'))
  expect(await modelKeys(folder, machineId).ofAccount()).toEqual([])
  await modelKeys(folder, machineId).keepOfAccount([key])
  expect(await modelKeys(folder, machineId).read('openai', key.url)).toBe(key.key)
  expect(await modelKeys(folder, machineId).read('openai', 'https://evil.example')).toBeNull()
})

// Mutants: the number written before the keys are sealed; two messages taken at the same time.
test('cut off between keys and number the message is taken again; two that come together end with the higher one', async () => {
  const folder = machineFolder()
  const sealed: string[] = []
  let fails = true
  const keepKeys = async (keys: readonly PushedModelKey[]) => {
    await new Promise(resolve => setTimeout(resolve, keys[0]?.key === 'slow' ? 20 : 0))
    sealed.push(keys[0]?.key ?? '')
    if (fails) throw new Error('crash')
  }
  const open = () => openAccess({ folder, members: [], now: () => start, keepKeys })
  const snapshot = (number: number, key: string) => ({
    number,
    members: [],
    revoked: [],
    revokedTokens: [],
    modelKeys: [{ vendor: 'openai' as const, url: 'https://a.example', key }],
  })
  await expect(open().take(snapshot(1, 'one'))).rejects.toThrow('crash')
  expect(open().held()).toEqual({ number: 0 })
  fails = false
  const access = open()
  await access.take(snapshot(1, 'one'))
  await access.take(snapshot(1, 'another'))
  await Promise.all([access.take(snapshot(2, 'slow')), access.take(snapshot(3, 'three'))])
  await expect(access.take(snapshot(2, 'late'))).rejects.toMatchObject({ code: 'access_outdated' })
  expect(sealed).toEqual(['one', 'one', 'slow', 'three'])
  expect(access.held()).toEqual({ number: 3 })
  expect(readFileSync(join(folder, 'access.json'), 'utf8')).not.toContain('modelKeys')
})
