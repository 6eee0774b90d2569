// A stand-in for Google's Gemini API (v1beta): `streamGenerateContent` as server-sent events, errors in its form. It is
// strict about what it is sent.

import type { ServerResponse } from 'node:http'
import * as z from 'zod'
import { json, type Running, readJson, serveHttp } from './http.ts'
import { type Answer, type Asked, breakOff, eventsTo, nextReply, type Script, tokensOf, wrongIn } from './script.ts'

export interface Google extends Running {
  asked: Asked[]
  /** The one key that it takes. */
  key: string
}

const part = z.union([
  z.strictObject({ text: z.string(), thoughtSignature: z.string().optional() }),
  z.strictObject({
    inlineData: z.strictObject({ mimeType: z.string().regex(/^image\/(png|jpeg|webp|gif)$/), data: z.base64() }),
  }),
  z.strictObject({
    functionCall: z.strictObject({
      id: z.string().optional(),
      name: z.string(),
      args: z.record(z.string(), z.unknown()),
    }),
    thoughtSignature: z.string().optional(),
  }),
  z.strictObject({
    functionResponse: z.strictObject({
      id: z.string().optional(),
      name: z.string(),
      response: z.record(z.string(), z.unknown()),
    }),
  }),
])
const declaration = z.strictObject({
  name: z.string(),
  description: z.string().optional(),
  // One of the two is allowed: `parameters` is Google's own subset of JSON Schema.
  parametersJsonSchema: z.looseObject({ type: z.literal('object') }).optional(),
})
const body = z.strictObject({
  contents: z.array(z.strictObject({ role: z.enum(['user', 'model']), parts: z.array(part).min(1) })).min(1),
  systemInstruction: z.strictObject({ parts: z.array(z.strictObject({ text: z.string() })) }).optional(),
  generationConfig: z.strictObject({ maxOutputTokens: z.number().int().optional() }).optional(),
  tools: z.array(z.strictObject({ functionDeclarations: z.array(declaration) })).optional(),
  toolConfig: z
    .strictObject({ functionCallingConfig: z.strictObject({ mode: z.enum(['AUTO', 'ANY', 'NONE']) }) })
    .optional(),
})

/** Starts the stand-in; its `url` ends with `/v1beta`. */
export async function startGoogle(script: Script, models: readonly string[] = ['stand-in']): Promise<Google> {
  const key = 'AIzaSy-stand-in-key-0123456789'
  const asked: Asked[] = []
  const running = await serveHttp(async (request, response) => {
    const refuse = (status: number, message: string, headers: object = {}) =>
      json(response, status, { error: { code: status, message, status: statusOf(status) } }, headers)
    // The real one answers 400 for a wrong key, and 403 for none; both are its way to say "not you".
    if (request.headers['x-goog-api-key'] !== key)
      return refuse(401, `API key not valid: ${request.headers['x-goog-api-key']}`)
    if (request.url === '/v1beta/models?pageSize=1')
      return json(response, 200, { models: models.map(id => ({ name: `models/${id}` })) })
    const [, model = ''] = /^\/v1beta\/models\/([^/:]+):streamGenerateContent\?alt=sse$/.exec(request.url ?? '') ?? []
    if (request.method !== 'POST' || model === '') return refuse(404, 'Not found')
    if (!models.includes(model)) return refuse(404, `models/${model} is not found for API version v1beta`)
    const one: Asked = { key, body: await readJson(request) }
    const wrong = wrongIn(body, one.body)
    if (wrong) return refuse(400, `Invalid JSON payload received: ${wrong}`)
    const reply = nextReply(script, asked, one, refuse)
    if (reply) await answer(response, reply, model)
  })
  return { ...running, url: `${running.url}/v1beta`, asked, key }
}

async function answer(response: ServerResponse, reply: Answer, modelVersion: string): Promise<void> {
  const send = eventsTo(response, false)
  const { input, output, cached } = tokensOf(reply)
  const more = { modelVersion, responseId: 'resp-1' }
  const candidate = (parts: object[], finishReason?: string) => ({
    candidates: [{ content: { role: 'model', parts }, index: 0, ...(finishReason ? { finishReason } : {}) }],
    ...more,
  })
  for (const text of reply.pieces ?? []) await send(candidate([{ text }]))
  if (await breakOff(response, reply)) return
  const calls = (reply.calls ?? []).map(({ name, input: args }) => ({ functionCall: { name, args } }))
  if (calls.length > 0) await send(candidate(calls))
  const counted = { promptTokenCount: input, cachedContentTokenCount: cached, candidatesTokenCount: output }
  const usageMetadata = { ...counted, totalTokenCount: input + output }
  await send({ ...candidate([{ text: '' }], reply.filtered ? 'SAFETY' : 'STOP'), usageMetadata })
  response.end()
}

const statuses: Record<number, string> = {
  400: 'INVALID_ARGUMENT',
  401: 'UNAUTHENTICATED',
  403: 'PERMISSION_DENIED',
  404: 'NOT_FOUND',
  429: 'RESOURCE_EXHAUSTED',
  503: 'UNAVAILABLE',
}
const statusOf = (status: number) => statuses[status] ?? 'INTERNAL'
