import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
import { call } from '@spoq/client/call'
import { overSocket } from '@spoq/client/socket'
import { setBudget, showBudget } from '@spoq/contracts/model'
import { listSessions } from '@spoq/contracts/session'
import { type Reply, startOpenAi } from '@spoq/workbench/stand-ins/openai'
import { generateText, jsonSchema, streamText, tool } from 'ai'
import { fetch as undiciFetch } from 'undici'
import { expect, onTestFinished, test } from 'vitest'
import { machineFolder, overLocal, setModels, startMachine, useModel } from '../testing/machine.ts'

/** Another tool, with the client that such tools have, over the local socket. */
async function tools(replies: Reply[]) {
  const folder = machineFolder()
  const standIn = useModel(folder, await startOpenAi(replies))
  const { socket } = await startMachine(folder)
  const dispatcher = overSocket(socket)
  onTestFinished(() => dispatcher.destroy())
  const fetch = ((address: string, init: object) => undiciFetch(address, { ...init, dispatcher })) as never
  const provider = createOpenAICompatible({ name: 'spoq', baseURL: 'http://machine/v1', includeUsage: true, fetch })
  const post = async (body: unknown) => {
    const headers = { 'content-type': 'application/json' }
    const sent = { method: 'POST', body: JSON.stringify(body), headers, dispatcher }
    const response = await undiciFetch('http://machine/v1/chat/completions', sent)
    return { status: response.status, body: (await response.json()) as { error?: { message: string; code: string } } }
  }
  const list = async () => (await undiciFetch('http://machine/v1/models', { dispatcher })).json()
  const model = provider.chatModel('default')
  return { standIn, target: overLocal(socket), model, other: provider.chatModel, post, list, folder }
}

const quiet = { maxRetries: 0, onError: () => {} }
const tokens = { input: 30, output: 4 }

test('a tool is answered whole, by the model of the machine; its tokens count in the day, and no session is made', async () => {
  const { model, standIn, target } = await tools([{ pieces: ['Hel', 'lo.'], tokens }])
  const { text, usage } = await generateText({
    model,
    instructions: 'Be kind.',
    prompt: 'hello',
    maxOutputTokens: 50,
    temperature: 0.5,
  })
  expect(text).toBe('Hello.')
  expect(usage).toMatchObject({ inputTokens: 30, outputTokens: 4 })
  expect(standIn.asked[0]?.body).toMatchObject({
    model: 'stand-in',
    max_tokens: 50,
    temperature: 0.5,
    messages: [
      { role: 'system', content: 'Be kind.' },
      { role: 'user', content: 'hello' },
    ],
  })
  expect((await call(target, showBudget)).today.tokens).toBe(34)
  expect((await call(target, listSessions)).sessions).toEqual([])
})

test('a stream comes in pieces, with what it used', async () => {
  const { model } = await tools([{ pieces: ['One ', 'two ', 'three.'], paceMs: 30, tokens }])
  const result = streamText({ model, prompt: 'count', ...quiet })
  const pieces: string[] = []
  for await (const piece of result.textStream) pieces.push(piece)
  expect(pieces.join('')).toBe('One two three.')
  expect(pieces.length).toBeGreaterThan(1)
  expect(await result.usage).toMatchObject({ inputTokens: 30, outputTokens: 4 })
  expect(await result.finishReason).toBe('stop')
})

test.each(['whole', 'stream'])("the caller's own tools are called, and their results go back: %s", async form => {
  const calls = [{ id: 'call_a', name: 'weather', input: { city: 'Bern' } }]
  const { model, standIn } = await tools([{ pieces: ['Let me see.'], calls }, { pieces: ['Rain.'] }])
  const city = { type: 'object', properties: { city: { type: 'string' } } } as const
  const weather = tool({ description: 'Tells it.', inputSchema: jsonSchema<{ city: string }>(city) })
  const messages = [{ role: 'user' as const, content: 'Bern?' }]
  const asked = { model, messages, tools: { weather } }
  const first = form === 'whole' ? await generateText(asked) : streamText({ ...asked, ...quiet })
  expect(await first.toolCalls).toMatchObject([{ toolCallId: 'call_a', toolName: 'weather', input: { city: 'Bern' } }])
  expect(await first.finishReason).toBe('tool-calls')
  const said = (await first.response).messages
  const output = { type: 'text' as const, value: 'wet' }
  const content = [{ type: 'tool-result' as const, toolCallId: 'call_a', toolName: 'weather', output }]
  const { text } = await generateText({ ...asked, messages: [...messages, ...said, { role: 'tool', content }] })
  expect(text).toBe('Rain.')
  expect(standIn.asked[1]?.body.messages).toMatchObject([
    { role: 'user', content: 'Bern?' },
    { role: 'assistant', content: 'Let me see.', tool_calls: [{ id: 'call_a' }] },
    { role: 'tool', tool_call_id: 'call_a', content: 'wet' },
  ])
  expect(standIn.asked[0]?.body.tools).toMatchObject([{ function: { name: 'weather', parameters: city } }])
})

test.each([
  ['a refusal', { status: 400, message: 'bad prompt' }, 'model_refused'],
  ['silence with a fault', { status: 500, message: 'overloaded' }, 'model_failed'],
])('an error before the first word has its status and the form of OpenAI: %s', async (_, reply, code) => {
  const { post } = await tools([reply])
  for (const stream of [false, true]) {
    const answer = await post({ model: 'default', stream, messages: [{ role: 'user', content: 'q' }] })
    expect(answer.status).toBeGreaterThanOrEqual(400)
    expect(answer.body.error).toMatchObject({ code, message: expect.stringContaining(reply.message) })
  }
})

test('a stream that breaks says so in the stream', async () => {
  const { model } = await tools([{ pieces: ['Half'], cut: true }])
  const errors: unknown[] = []
  const result = streamText({ model, prompt: 'q', maxRetries: 0, onError: ({ error }) => void errors.push(error) })
  let text = ''
  for await (const piece of result.textStream) text += piece
  expect(text).toBe('Half')
  expect(JSON.stringify(errors)).toContain('cut off')
})

test('what cannot be meant is refused: another model, an image by its address, a result of no call', async () => {
  const { post, standIn } = await tools([{ pieces: ['no'] }])
  const user = { role: 'user', content: 'q' }
  const image = { type: 'image_url', image_url: { url: 'http://127.0.0.1:1/x.png' } }
  for (const [body, code] of [
    [{ model: 'anthropic/none', messages: [user] }, 'key_missing'],
    [{ model: 'default', messages: [{ role: 'user', content: [image] }] }, 'invalid_request'],
    [{ model: 'default', messages: [user, { role: 'tool', content: 'x', tool_call_id: 'c' }] }, 'invalid_request'],
    [{ model: 'default', messages: [] }, 'invalid_request'],
    [{ model: 'default', messages: [{ role: 'system', content: 'x' }] }, 'invalid_request'],
  ] as const)
    expect((await post(body)).body.error?.code).toBe(code)
  expect(standIn.asked).toEqual([])
})

test('a budget that is spent is an error, and nothing is called', async () => {
  const { target, post, standIn } = await tools([{ pieces: ['no'] }])
  const none = { costMicros: null, tokens: null }
  await call(target, setBudget, { body: { turn: none, day: { costMicros: null, tokens: 5 } } })
  const answer = await post({ model: 'default', messages: [{ role: 'user', content: 'a question' }] })
  expect(answer.body.error?.code).toBe('budget_spent')
  expect(standIn.asked).toEqual([])
})

test('the list has the names that can be asked by, each once, and each of them answers', async () => {
  const { list, post, folder } = await tools([{ pieces: ['Yes.'] }])
  setModels(folder, { alias: { quick: 'openai-compatible/stand-in', shut: 'anthropic/none' } })
  const { object, data } = (await list()) as { object: string; data: { id: string; object: string }[] }
  expect(object).toBe('list')
  expect(data.map(({ id }) => id)).toEqual(['default', 'quick', 'openai-compatible/stand-in', 'demo'])
  expect(data[2]).toEqual({
    id: 'openai-compatible/stand-in',
    object: 'model',
    created: 0,
    owned_by: 'openai-compatible',
  })
  for (const { id } of data)
    expect((await post({ model: id, messages: [{ role: 'user', content: 'count 1' }] })).status).toBe(200)
})
