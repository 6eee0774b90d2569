// A stand-in for Anthropic's Messages API (version 2023-06-01): streams of server-sent events, errors in its form. It is
// strict: a header or a field that the real one does not know is answered as a bad request.

import type { ServerResponse } from 'node:http'
import * as z from 'zod'
import { json, type Running, readJson, serveHttp } from './http.ts'
import { type Answer, type Asked, breakOff, eventsTo, nextReply, type Script, tokensOf, wrongIn } from './script.ts'

export interface Anthropic extends Running {
  /** Every call of a model so far, oldest first. */
  asked: Asked[]
  /** The one key that it takes. */
  key: string
}

const cache = z.strictObject({ type: z.literal('ephemeral') }).optional()
const text = z.strictObject({ type: z.literal('text'), text: z.string().min(1), cache_control: cache })
const image = z.strictObject({
  type: z.literal('image'),
  source: z.strictObject({
    type: z.literal('base64'),
    media_type: z.enum(['image/png', 'image/jpeg', 'image/webp', 'image/gif']),
    data: z.base64(),
  }),
  cache_control: cache,
})
const toolUse = z.strictObject({
  type: z.literal('tool_use'),
  id: z.string().regex(/^[a-zA-Z0-9_-]+$/),
  name: z.string(),
  input: z.record(z.string(), z.unknown()),
  cache_control: cache,
})
const toolResult = z.strictObject({
  type: z.literal('tool_result'),
  tool_use_id: z.string(),
  content: z.union([z.string(), z.array(text)]),
  is_error: z.boolean().optional(),
  cache_control: cache,
})
const message = z.discriminatedUnion('role', [
  z.strictObject({ role: z.literal('user'), content: z.array(z.union([text, image, toolResult])).min(1) }),
  z.strictObject({ role: z.literal('assistant'), content: z.array(z.union([text, toolUse])).min(1) }),
])
const tool = z.strictObject({
  name: z.string().regex(/^[a-zA-Z0-9_-]{1,64}$/),
  description: z.string().optional(),
  input_schema: z.looseObject({ type: z.literal('object') }),
  eager_input_streaming: z.boolean().optional(),
})
const body = z.strictObject({
  model: z.string(),
  max_tokens: z.number().int().min(1),
  stream: z.literal(true),
  system: z.array(text).optional(),
  messages: z.array(message).min(1),
  tools: z.array(tool).optional(),
  tool_choice: z.strictObject({ type: z.enum(['auto', 'any', 'none']) }).optional(),
})

/** Starts the stand-in; its `url` ends with `/v1`. */
export async function startAnthropic(script: Script, models: readonly string[] = ['stand-in']): Promise<Anthropic> {
  const key = 'sk-ant-api03-stand-in-key-0123'
  const asked: Asked[] = []
  const running = await serveHttp(async (request, response) => {
    const refuse = (status: number, said: string, headers: object = {}) =>
      json(response, status, { type: 'error', error: { type: typeOf(status), message: said } }, headers)
    if (request.headers['anthropic-version'] !== '2023-06-01')
      return refuse(400, 'anthropic-version: header is required')
    if (request.headers['x-api-key'] !== key) return refuse(401, `invalid x-api-key: ${request.headers['x-api-key']}`)
    if (request.url === '/v1/models?limit=1')
      return json(response, 200, { data: models.map(id => ({ id, type: 'model' })) })
    if (request.method !== 'POST' || request.url !== '/v1/messages') return refuse(404, 'Not found')
    const one: Asked = { key, body: await readJson(request) }
    const wrong = wrongIn(body, one.body)
    if (wrong) return refuse(400, wrong)
    const { model } = one.body as z.infer<typeof body>
    if (!models.includes(model)) return refuse(404, `model: ${model}`)
    const reply = nextReply(script, asked, one, refuse)
    if (reply) await answer(response, reply, model)
  })
  return { ...running, url: `${running.url}/v1`, asked, key }
}

async function answer(response: ServerResponse, reply: Answer, model: string): Promise<void> {
  const send = eventsTo(response, true)
  const { input, output, cached } = tokensOf(reply)
  const counted = { input_tokens: input - cached, cache_read_input_tokens: cached, cache_creation_input_tokens: 0 }
  const began = { id: 'msg_1', type: 'message', role: 'assistant', model, content: [], stop_reason: null }
  await send({
    type: 'message_start',
    message: { ...began, stop_sequence: null, usage: { ...counted, output_tokens: 1 } },
  })
  await send({ type: 'ping' })
  const pieces = [...(reply.pieces ?? [])]
  let index = 0
  if (pieces.length > 0) {
    await send({ type: 'content_block_start', index, content_block: { type: 'text', text: '' } })
    for (const piece of pieces)
      await send({ type: 'content_block_delta', index, delta: { type: 'text_delta', text: piece } })
  }
  if (await breakOff(response, reply)) return
  if (pieces.length > 0) await send({ type: 'content_block_stop', index: index++ })
  for (const { id, name, input: given } of reply.calls ?? []) {
    const block = { type: 'tool_use', id: id ?? `toolu_${index}`, name, input: {} }
    await send({ type: 'content_block_start', index, content_block: block })
    for (const part of halves(JSON.stringify(given)))
      await send({ type: 'content_block_delta', index, delta: { type: 'input_json_delta', partial_json: part } })
    await send({ type: 'content_block_stop', index: index++ })
  }
  const why = reply.filtered ? 'refusal' : reply.calls ? 'tool_use' : 'end_turn'
  await send({
    type: 'message_delta',
    delta: { stop_reason: why, stop_sequence: null },
    usage: { output_tokens: output },
  })
  await send({ type: 'message_stop' })
  response.end()
}

/** A call's input comes in pieces that are no JSON alone. */
const halves = (json: string) => [json.slice(0, json.length >> 1), json.slice(json.length >> 1)]

const types: Record<number, string> = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  403: 'permission_error',
  404: 'not_found_error',
  429: 'rate_limit_error',
  529: 'overloaded_error',
}
const typeOf = (status: number) => types[status] ?? 'api_error'
