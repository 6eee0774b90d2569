// A stand-in for any address that speaks OpenAI's chat completions: it answers by a script, over real HTTP, and is strict
// about what it is sent. With `ollama` it has Ollama's own routes as well.

import type { ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import * as z from 'zod'
import { json, readJson, serveHttp } from './http.ts'
import { type Answer, breakOff, eventsTo, nextReply, type Reply, tokensOf, wrongIn } from './script.ts'

export type { Reply } from './script.ts'

export interface Asked {
  key: string | undefined
  authorization: string | undefined
  body: {
    model: string
    stream?: boolean
    messages: { role: string; content: unknown; tool_calls?: unknown[]; tool_call_id?: string }[]
    tools?: { function: { name: string } }[]
  }
}

export interface OpenAi {
  /** Up to and with `/v1`. */
  url: string
  /** Every call so far, oldest first. */
  asked: Asked[]
  stop(): Promise<void>
}

interface Options {
  /** The address that it listens at; default: loopback. */
  host?: string
  /** The one key that it takes; without it, it asks for none. */
  key?: string
  /** It is an Ollama, whose models can do this: `vision`, `tools`. */
  ollama?: { capabilities: string[] }
}

const text = z.strictObject({ type: z.literal('text'), text: z.string() })
const image = z.strictObject({
  type: z.literal('image_url'),
  image_url: z.strictObject({ url: z.string().regex(/^data:image\/(png|jpeg|webp|gif);base64,/) }),
})
const call = z.strictObject({
  id: z.string(),
  type: z.literal('function'),
  function: z.strictObject({ name: z.string(), arguments: z.string() }),
})
const message = z.discriminatedUnion('role', [
  z.strictObject({ role: z.literal('system'), content: z.string() }),
  z.strictObject({ role: z.literal('user'), content: z.union([z.string(), z.array(z.union([text, image]))]) }),
  z.strictObject({
    role: z.literal('assistant'),
    content: z.string().nullable(),
    tool_calls: z.array(call).optional(),
  }),
  z.strictObject({ role: z.literal('tool'), content: z.string(), tool_call_id: z.string() }),
])
const tool = z.strictObject({
  type: z.literal('function'),
  function: z.strictObject({
    name: z.string(),
    description: z.string().optional(),
    parameters: z.looseObject({ type: z.literal('object') }),
  }),
})
const body = z.strictObject({
  model: z.string(),
  messages: z.array(message).min(1),
  stream: z.boolean().optional(),
  stream_options: z.strictObject({ include_usage: z.literal(true) }).optional(),
  max_tokens: z.number().int().optional(),
  temperature: z.number().optional(),
  tools: z.array(tool).optional(),
  tool_choice: z.enum(['auto', 'none', 'required']).optional(),
})

/**
 * Starts the stand-in on a free port of this computer, on loopback unless `host` says otherwise. `script` answers the calls one after the other: a list, whose
 * last reply is repeated, or a function of the call and its number from 0.
 */
export async function startOpenAi(
  script: readonly Reply[] | ((asked: Asked, index: number) => Reply),
  models: readonly string[] = ['stand-in'],
  { key, ollama, host }: Options = {},
): Promise<OpenAi> {
  const asked: Asked[] = []
  const running = await serveHttp(async (request, response) => {
    const refuse = (status: number, said: string, headers = {}) =>
      json(response, status, { error: { message: said, type: 'error', param: null, code: null } }, headers)
    const { authorization } = request.headers
    if (ollama && request.url === '/api/version') return json(response, 200, { version: '0.30.0' })
    if (ollama && request.url === '/api/show') return json(response, 200, ollama)
    if (key && authorization !== `Bearer ${key}`)
      return refuse(401, `Incorrect API key provided: ${authorization?.slice(7)}`)
    if (request.url === '/v1/models') return json(response, 200, { data: models.map(id => ({ id })) })
    if (request.url !== '/v1/chat/completions') return refuse(404, 'no such path')
    const sent = await readJson(request)
    const wrong = wrongIn(body, sent)
    if (wrong) return refuse(400, wrong)
    const one: Asked = { key, authorization, body: sent as Asked['body'] }
    if (key && !models.includes(one.body.model)) return refuse(404, `model '${one.body.model}' not found`)
    const reply = nextReply(script, asked, one, refuse)
    if (!reply) return
    if (!one.body.stream) return json(response, 200, whole(reply, one.body.model))
    await stream(response, reply, one.body.model)
  }, host)
  return { ...running, url: `${running.url}/v1`, asked }
}

/** The text of a reply, for a caller that wants no stream. */
function whole({ pieces = [] }: Answer, model: string) {
  const said = { role: 'assistant', content: [...pieces].join('') }
  const usage = { prompt_tokens: 7, completion_tokens: 1, total_tokens: 8 }
  const choices = [{ index: 0, message: said, finish_reason: 'stop' }]
  return { id: 'chatcmpl-1', object: 'chat.completion', created: 1, model, choices, usage }
}

async function stream(response: ServerResponse, reply: Answer, model: string): Promise<void> {
  const write = eventsTo(response, false)
  const send = (choice: object, more: object = {}) =>
    write({ id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1, model, choices: [choice], ...more })
  let sent = 0
  for (const content of reply.pieces ?? []) {
    if (response.destroyed) return
    await send({ index: 0, delta: { role: 'assistant', content } })
    sent += 1
    if (reply.paceMs) await sleep(reply.paceMs)
  }
  if (await breakOff(response, reply)) return
  const calls = reply.calls ?? []
  for (const [index, { id, name, input }] of calls.entries()) {
    const made = { name, arguments: JSON.stringify(input) }
    await send({
      index: 0,
      delta: { tool_calls: [{ index, id: id ?? `call_${index}`, type: 'function', function: made }] },
    })
  }
  const { input, output, cached } = tokensOf({ tokens: { output: sent, ...reply.tokens } })
  const usage = {
    ...{ prompt_tokens: input, completion_tokens: output, total_tokens: input + output },
    prompt_tokens_details: { cached_tokens: cached },
  }
  const why = reply.filtered ? 'content_filter' : calls.length > 0 ? 'tool_calls' : 'stop'
  await send({ index: 0, delta: {}, finish_reason: why }, { usage })
  response.end('data: [DONE]\n\n')
}
