import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { call } from '@spoq/client/call'
import { chooseModel, showModel } from '@spoq/contracts/model'
import { type OpenAi, startOpenAi } from '@spoq/workbench/stand-ins/openai'
import { expect, onTestFinished, test } from 'vitest'
import { machineFolder, overLocal, startMachine } from '../testing/machine.ts'
import { type Models, modelsOf } from './choose.ts'

function machine(endpoints: readonly string[] = []): { folder: string; models: Models } {
  const folder = mkdtempSync(join(tmpdir(), 'spoq-model-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  return { folder, models: modelsOf({ folder, endpoints, demo: { paceMs: 0 } }) }
}

async function standIn(...given: Parameters<typeof startOpenAi>): Promise<OpenAi> {
  const server = await startOpenAi(...given)
  onTestFinished(() => server.stop())
  return server
}

const closed = 'http://127.0.0.1:1/v1'

test('with nothing set and nothing there no model is found, but the demo by its name', async () => {
  const { models } = machine([closed])
  expect(await models.show()).toEqual({ source: 'none', name: null, url: null, hasKey: false })
  await expect(models.choose(null)).rejects.toMatchObject({ code: 'no_model' })
  expect((await models.choose('demo')).name).toBe('demo')
})

test('a model server on the machine is found, past ones that are none; models that only embed are passed over', async () => {
  const server = await standIn([], ['nomic-embed-text:latest', 'llama3:latest', 'qwen'])
  const { models } = machine([closed, server.url])
  expect(await models.show()).toEqual({ source: 'found', name: 'llama3:latest', url: server.url, hasKey: false })
  expect((await models.choose(null)).name).toBe('llama3:latest')
  expect((await models.choose('qwen')).name).toBe('qwen')
  expect((await models.choose('llama3')).name).toBe('llama3:latest')
  await expect(models.choose('gpt')).rejects.toMatchObject({ code: 'no_model' })
})

test('a choice is kept once its model has answered, in a file for this user alone, and its key never comes out', async () => {
  const server = await standIn([{ pieces: ['ok'] }])
  const { folder, models } = machine()
  const choice = { kind: 'openai-compatible', model: 'big', url: server.url, key: 'sk-secret' } as const
  const shown = { source: 'chosen', name: 'big', url: server.url, hasKey: true }
  expect(await models.use(choice)).toEqual(shown)
  expect(await models.show()).toEqual(shown)
  expect(server.asked[0]).toMatchObject({ authorization: 'Bearer sk-secret', body: { model: 'big' } })
  expect(statSync(join(folder, 'model.json')).mode & 0o777).toBe(0o600)
  expect((await models.choose('small')).name).toBe('small')
  expect(await models.use({ kind: 'demo' })).toMatchObject({ source: 'chosen', name: 'demo' })
  expect(readFileSync(join(folder, 'model.json'), 'utf8')).not.toContain('sk-secret')
})

test('a choice whose model does not answer changes nothing, and its key is not in the answer', async () => {
  const server = await standIn([{ status: 401, message: 'Incorrect API key provided: sk-secret' }])
  const target = overLocal((await startMachine(machineFolder())).socket)
  const choose = (url: string) =>
    call(target, chooseModel, { body: { kind: 'openai-compatible', model: 'm', url, key: 'sk-secret' } })
  await expect(choose(server.url)).rejects.toMatchObject({
    code: 'model_refused',
    message: 'The model refused: Incorrect API key provided: ***',
  })
  await expect(choose(closed)).rejects.toMatchObject({ code: 'model_failed' })
  expect(await call(target, showModel)).toMatchObject({ source: 'none' })
})

test('a choice that was damaged is told, with what to do', async () => {
  const { folder, models } = machine()
  writeFileSync(join(folder, 'model.json'), '{')
  await expect(models.choose(null)).rejects.toMatchObject({
    code: 'config_invalid',
    next: expect.stringContaining('model use'),
  })
})
