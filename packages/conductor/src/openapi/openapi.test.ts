import { call } from '@spoq/client/call'
import { showOpenApi } from '@spoq/contracts/openapi'
import { expect, test } from 'vitest'
import { testBackend } from '../testing/backend.ts'
import { machineFolder, overLocal, startMachine } from '../testing/machine.ts'

interface Operation {
  operationId: string
  'x-caller': string
  security: object[]
  responses: Record<string, { content?: Record<string, unknown> }>
}

async function machine() {
  const { sign, config } = await testBackend(Date.now())
  const folder = machineFolder({ ...config, edge: { host: '127.0.0.1', port: 0 } })
  const { endpoint, socket } = await startMachine(folder)
  return { sign, target: overLocal(socket), at: `${endpoint}/openapi.json` }
}

test('a Conductor says what it serves: the same at the local socket and, with a token, at the edge', async () => {
  const { sign, target, at } = await machine()
  const document = await call(target, showOpenApi)
  expect((await fetch(at)).status).toBe(401)
  const little = { headers: { authorization: `Bearer ${await sign({ scope: 'machine:use' })}` } }
  expect((await fetch(at, little)).status).toBe(403)
  const response = await fetch(at, { headers: { authorization: `Bearer ${await sign()}` } })
  expect(await response.json()).toEqual(document)
})

test('an operation says who may call it and with which scope, and what it answers, below /v1/ in OpenAI form', async () => {
  const { paths } = (await call((await machine()).target, showOpenApi)) as unknown as {
    paths: Record<string, Record<string, Operation>>
  }
  expect(paths['/api/ask']?.post).toMatchObject({ 'x-caller': 'member', security: [{ account: ['machine:use'] }] })
  expect(paths['/api/shutdown']?.post).toMatchObject({ 'x-caller': 'local', security: [] })
  expect(paths['/health']?.get?.security).toEqual([])
  expect(paths['/api/sessions/{session}/events']?.get?.responses['200']?.content).toHaveProperty('text/event-stream')
  expect(Object.keys(paths['/api/ask']?.post?.responses['403']?.content ?? {})).toEqual(['application/problem+json'])
  const refused = paths['/v1/chat/completions']?.post?.responses['403']?.content?.['application/json']
  expect(JSON.stringify(refused)).toContain('OpenAiProblem')
})
