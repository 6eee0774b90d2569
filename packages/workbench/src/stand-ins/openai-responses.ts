// A stand-in for OpenAI's Responses API: streams of server-sent events, errors in its form. It is strict about what it is
// sent.

import type { ServerResponse } from 'node:http'
import * as z from 'zod'
import { json, type Running, readJson, serveHttp } from './http.ts'
import { type Answer, type Asked, breakOff, eventsTo, nextReply, type Script, tokensOf, wrongIn } from './script.ts'

export interface OpenAiResponses extends Running {
  asked: Asked[]
  /** The one key that it takes. */
  key: string
}

const inputText = z.strictObject({ type: z.literal('input_text'), text: z.string() })
const inputImage = z.strictObject({
  type: z.literal('input_image'),
  image_url: z.string().regex(/^data:image\/(png|jpeg|webp|gif);base64,/),
})
const outputText = z.strictObject({ type: z.literal('output_text'), text: z.string() })
const item = z.union([
  z.strictObject({ role: z.enum(['system', 'developer']), content: z.string() }),
  z.strictObject({ role: z.literal('user'), content: z.array(z.union([inputText, inputImage])).min(1) }),
  z.strictObject({ role: z.literal('assistant'), content: z.union([z.string(), z.array(outputText)]) }),
  z.strictObject({
    type: z.literal('function_call'),
    call_id: z.string(),
    name: z.string(),
    arguments: z.string(),
    id: z.string().optional(),
  }),
  z.strictObject({ type: z.literal('function_call_output'), call_id: z.string(), output: z.string() }),
])
const tool = z.strictObject({
  type: z.literal('function'),
  name: z.string().regex(/^[a-zA-Z0-9_-]{1,64}$/),
  description: z.string().optional(),
  parameters: z.looseObject({ type: z.literal('object') }),
  strict: z.boolean().optional(),
})
const body = z.strictObject({
  model: z.string(),
  input: z.array(item).min(1),
  stream: z.literal(true),
  // What is asked must not be kept by the vendor.
  store: z.literal(false),
  max_output_tokens: z.number().int().min(16).optional(),
  tools: z.array(tool).optional(),
  tool_choice: z.enum(['auto', 'none', 'required']).optional(),
  include: z.array(z.literal('reasoning.encrypted_content')).optional(),
})

/** Starts the stand-in; its `url` ends with `/v1`. */
export async function startOpenAiResponses(
  script: Script,
  models: readonly string[] = ['stand-in'],
): Promise<OpenAiResponses> {
  const key = 'sk-proj-stand-in-key-0123456789'
  const asked: Asked[] = []
  const running = await serveHttp(async (request, response) => {
    const refuse = (status: number, message: string, headers: object = {}) =>
      json(response, status, { error: { message, type: typeOf(status), param: null, code: null } }, headers)
    const sent = request.headers.authorization
    if (sent !== `Bearer ${key}`) return refuse(401, `Incorrect API key provided: ${sent?.slice(7)}.`)
    if (request.url === '/v1/models') return json(response, 200, { object: 'list', data: models.map(id => ({ id })) })
    if (request.method !== 'POST' || request.url !== '/v1/responses') return refuse(404, 'Invalid URL')
    const one: Asked = { key, body: await readJson(request) }
    const wrong = wrongIn(body, one.body)
    if (wrong) return refuse(400, wrong)
    const { model } = one.body as z.infer<typeof body>
    if (!models.includes(model))
      return refuse(404, `The model '${model}' does not exist or you do not have access to it.`)
    const reply = nextReply(script, asked, one, refuse)
    if (reply) await answer(response, reply, model)
  })
  return { ...running, url: `${running.url}/v1`, asked, key }
}

function numbered(send: (event: object) => Promise<void>) {
  let sequence_number = 0
  return (event: object) => send({ ...event, sequence_number: sequence_number++ })
}

async function answer(outgoing: ServerResponse, reply: Answer, model: string): Promise<void> {
  const send = numbered(eventsTo(outgoing, true))
  const response = { id: 'resp_1', object: 'response', created_at: 1, model, output: [], service_tier: 'default' }
  await send({ type: 'response.created', response: { ...response, status: 'in_progress' } })
  await send({ type: 'response.in_progress', response: { ...response, status: 'in_progress' } })
  const pieces = [...(reply.pieces ?? [])]
  let output_index = 0
  if (pieces.length > 0) {
    const place = { item_id: 'msg_1', output_index, content_index: 0 }
    const whole = { id: 'msg_1', type: 'message', role: 'assistant' }
    const part = (text: string) => ({ type: 'output_text', text, annotations: [] })
    await send({
      type: 'response.output_item.added',
      output_index,
      item: { ...whole, status: 'in_progress', content: [] },
    })
    await send({ type: 'response.content_part.added', ...place, part: part('') })
    for (const delta of pieces) await send({ type: 'response.output_text.delta', ...place, delta, logprobs: [] })
    if (await breakOff(outgoing, reply)) return
    const text = pieces.join('')
    await send({ type: 'response.output_text.done', ...place, text, logprobs: [] })
    await send({ type: 'response.content_part.done', ...place, part: part(text) })
    const item = { ...whole, status: 'completed', content: [part(text)] }
    await send({ type: 'response.output_item.done', output_index: output_index++, item })
  } else if (await breakOff(outgoing, reply)) return
  for (const { id, name, input } of reply.calls ?? []) {
    const args = JSON.stringify(input)
    const call = { id: `fc_${output_index}`, type: 'function_call', call_id: id ?? `call_${output_index}`, name }
    const place = { item_id: call.id, output_index }
    await send({
      type: 'response.output_item.added',
      output_index,
      item: { ...call, arguments: '', status: 'in_progress' },
    })
    await send({ type: 'response.function_call_arguments.delta', ...place, delta: args })
    await send({ type: 'response.function_call_arguments.done', ...place, arguments: args })
    const item = { ...call, arguments: args, status: 'completed' }
    await send({ type: 'response.output_item.done', output_index: output_index++, item })
  }
  const { input, output, cached } = tokensOf(reply)
  const usage = {
    ...{ input_tokens: input, input_tokens_details: { cached_tokens: cached } },
    ...{ output_tokens: output, output_tokens_details: { reasoning_tokens: 0 }, total_tokens: input + output },
  }
  const status = reply.filtered ? 'incomplete' : 'completed'
  const incomplete_details = reply.filtered ? { reason: 'content_filter' } : null
  await send({ type: `response.${status}`, response: { ...response, status, incomplete_details, usage } })
  outgoing.end()
}

const typeOf = (status: number) =>
  status === 429 ? 'requests' : status < 500 ? 'invalid_request_error' : 'server_error'
