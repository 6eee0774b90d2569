import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { call } from '@spoq/client/call'
import {
  chooseModel,
  listModels,
  removeModelKey,
  setModelKey,
  setModelPrice,
  showModel,
  testModel,
} from '@spoq/contracts/model'
import { startAnthropic } from '@spoq/workbench/stand-ins/anthropic'
import { type OpenAi, startOpenAi } from '@spoq/workbench/stand-ins/openai'
import { expect, onTestFinished, test } from 'vitest'
import { askAndRead, machineFolder, overLocal, setModels, startMachine, textOf } from '../testing/machine.ts'
import { modelsOf } from './choose.ts'
import { modelKeys } from './keys.ts'

function modelsOn(endpoints: readonly string[] = []) {
  const folder = mkdtempSync(join(tmpdir(), 'spoq-model-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const patience = { firstByteMs: 1000, betweenBytesMs: 1000 }
  const keys = modelKeys(folder, 'mach_1')
  return { folder, models: modelsOf({ folder, keys, endpoints, demo: { paceMs: 0 }, patience }) }
}

async function standIn(...given: Parameters<typeof startOpenAi>): Promise<OpenAi> {
  const server = await startOpenAi(...given)
  onTestFinished(() => server.stop())
  return server
}

async function machine(endpoints: readonly string[] = []) {
  const folder = machineFolder()
  const { socket } = await startMachine(folder, { endpoints })
  return { folder, target: overLocal(socket) }
}

const closed = 'http://127.0.0.1:1/v1'

test('with nothing set and nothing there no model is found, but the demo by its name', async () => {
  const { models } = modelsOn([closed])
  await expect(models.choose(null)).rejects.toMatchObject({ code: 'no_model' })
  expect((await models.choose('demo')).name).toBe('demo')
  const { target } = await machine([closed])
  expect(await call(target, showModel)).toEqual({ source: 'none', name: null, url: null, hasKey: false })
})

test('a model may be asked for by a name that every object knows: there is none by it', async () => {
  const target = overLocal((await startMachine(machineFolder())).socket)
  for (const name of ['constructor', 'toString', '__proto__', 'hasOwnProperty']) {
    const [price, question] = [
      { name, price: null },
      { question: 'q', model: name },
    ]
    await expect(call(target, setModelPrice, { body: price })).rejects.toMatchObject({ code: 'no_model' })
    await expect(askAndRead(target, question)).rejects.toMatchObject({ code: 'no_model' })
  }
})

test('a model server on the machine is found, past ones that are none; models that only embed are passed over', async () => {
  const ollama = { capabilities: ['tools'] }
  const server = await standIn([], ['nomic-embed-text:latest', 'llama3:latest', 'qwen'], { ollama })
  const { models } = modelsOn([closed, server.url])
  expect((await models.choose(null)).name).toBe('ollama/llama3:latest')
  expect((await models.choose('qwen')).name).toBe('ollama/qwen')
  expect((await models.choose('llama3')).name).toBe('ollama/llama3:latest')
  expect((await models.choose('ollama/llama3')).name).toBe('ollama/llama3:latest')
  await expect(models.choose('gpt')).rejects.toMatchObject({ code: 'no_model' })
  const { target } = await machine([closed, server.url])
  const shown = { source: 'found', name: 'ollama/llama3:latest', url: server.url, hasKey: false }
  expect(await call(target, showModel)).toEqual(shown)
})

test('a choice is taken once its model has answered, and its key is sealed', async () => {
  const server = await standIn([{ pieces: ['ok'] }], ['big', 'small'], { key: 'sk-a-secret-key-abcd' })
  const { folder, target } = await machine()
  const body = { name: 'big', url: `${server.url}/`, key: 'sk-a-secret-key-abcd', alias: 'work' }
  const shown = { source: 'chosen', name: 'openai-compatible/big', url: server.url, hasKey: true }
  expect(await call(target, chooseModel, { body })).toEqual(shown)
  expect(await call(target, showModel)).toEqual(shown)
  expect(await call(target, testModel, { body: { name: 'small' } })).toMatchObject({ name: 'openai-compatible/small' })
  expect((await askAndRead(target, { question: 'q', model: 'work' })).events.at(-1)).toMatchObject({
    type: 'turn.done',
  })
  const { models, keys } = await call(target, listModels)
  expect(models).toMatchObject([{ name: shown.name, alias: 'work', order: 0, trouble: null, price: null }])
  expect(keys).toEqual([
    { vendor: 'openai-compatible', masked: 'sk-…abcd', url: server.url, from: 'machine', used: true },
  ])
  for (const file of readdirSync(folder, { recursive: true, withFileTypes: true }))
    if (file.isFile())
      expect(readFileSync(join(file.parentPath, file.name), 'latin1')).not.toContain('sk-a-secret-key-abcd')
})

test('a choice whose model does not answer changes nothing, and its key is not in the answer', async () => {
  const server = await standIn([{ status: 401, message: 'Incorrect API key provided: sk-secret' }])
  const { target } = await machine()
  const choose = (url: string) => call(target, chooseModel, { body: { name: 'm', url, key: 'sk-secret' } })
  await expect(choose(server.url)).rejects.toMatchObject({
    code: 'model_refused',
    message: 'The model refused: Incorrect API key provided: ***',
  })
  await expect(choose(closed)).rejects.toMatchObject({ code: 'model_failed' })
  expect(await call(target, showModel)).toMatchObject({ source: 'none' })
})

// Mutant: leave the address out of the key's binding.
test('a key is never sent to another address than the one it was entered for', async () => {
  const vendor = 'anthropic' as const
  const [own, thief] = [await startAnthropic([{ pieces: ['Hi.'] }]), await startAnthropic([{ pieces: ['Hi.'] }])]
  onTestFinished(async () => void (await Promise.all([own.stop(), thief.stop()])))
  const { folder, target } = await machine()
  await call(target, setModelKey, { params: { vendor }, body: { key: own.key, url: own.url } })
  const chosen = { body: { name: 'anthropic/stand-in' } }
  await call(target, chooseModel, chosen)
  await expect(call(target, chooseModel, { body: { ...chosen.body, url: thief.url } })).rejects.toMatchObject({
    code: 'key_missing',
  })
  setModels(folder, { url: { anthropic: thief.url } })
  await expect(askAndRead(target, { question: 'q' })).rejects.toMatchObject({ code: 'key_missing' })
  expect(thief.asked).toEqual([])
})

test('a wrong key is refused when it is entered, and the one before stays; removed, it is asked for', async () => {
  const vendor = 'anthropic' as const
  const server = await startAnthropic([{ pieces: ['Hi.'] }])
  onTestFinished(() => server.stop())
  const { folder, target } = await machine()
  setModels(folder, { chosen: 'anthropic/stand-in', url: { anthropic: server.url } })
  await expect(askAndRead(target, { question: 'q' })).rejects.toMatchObject({ code: 'key_missing' })
  // Live at once, without a restart.
  await call(target, setModelKey, { params: { vendor }, body: { key: server.key } })
  expect(textOf((await askAndRead(target, { question: 'q' })).events)).toBe('Hi.')
  await expect(call(target, setModelKey, { params: { vendor }, body: { key: 'sk-wrong' } })).rejects.toMatchObject({
    code: 'model_refused',
    message: 'The model refused: invalid x-api-key: ***',
  })
  expect((await call(target, listModels)).keys).toMatchObject([{ masked: 'sk-…0123' }])
  await call(target, removeModelKey, { params: { vendor } })
  expect((await call(target, listModels)).keys).toEqual([])
  await expect(askAndRead(target, { question: 'q' })).rejects.toMatchObject({ code: 'key_missing' })
})

test('a plain key of old moves over at the first start, and then none is on the disk', async () => {
  const server = await standIn([{ pieces: ['Moved.'] }], ['m'], { key: 'sk-plain-key-0123' })
  const folder = machineFolder()
  const old = { kind: 'openai-compatible', model: 'm', url: `${server.url}/`, key: 'sk-plain-key-0123' }
  writeFileSync(join(folder, 'model.json'), JSON.stringify(old))
  const target = overLocal((await startMachine(folder)).socket)
  expect(existsSync(join(folder, 'model.json'))).toBe(false)
  expect(textOf((await askAndRead(target, { question: 'q' })).events)).toBe('Moved.')
})

test('what is set about models and was damaged is told, with what to do', async () => {
  const { folder, models } = modelsOn()
  writeFileSync(join(folder, 'models.json'), '{')
  await expect(models.choose(null)).rejects.toMatchObject({
    code: 'config_invalid',
    next: expect.stringContaining('model use'),
  })
})
