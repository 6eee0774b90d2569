// A stand-in for any OpenAI-compatible endpoint: it answers by a script, over real HTTP.

import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

/** What one call of the model is answered with. */
export type Reply =
  /** Text in these pieces, `paceMs` between two, then these calls. `cut` breaks the connection where a proper end would stand. */
  | {
      pieces?: Iterable<string>
      calls?: { id?: string; name: string; input: unknown }[]
      cut?: boolean
      paceMs?: number
    }
  /** Refused with this status and message. */
  | { status: number; message: string }
  /** Text, and then silence until the caller goes away. */
  | { pieces: Iterable<string>; hang: true }

export interface Asked {
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

/**
 * Starts the stand-in on a free port of this computer. `script` answers the calls one after the other: a list, whose
 * last reply is repeated, or a function of the call and its number from 0.
 */
export async function startOpenAi(
  script: readonly Reply[] | ((asked: Asked, index: number) => Reply),
  models: readonly string[] = ['stand-in'],
): Promise<OpenAi> {
  const asked: Asked[] = []
  const replyTo = typeof script === 'function' ? script : (_: Asked, index: number) => script[index] ?? script.at(-1)
  const server = createServer(async (request, response) => {
    if (request.url === '/v1/models') return json(response, 200, { data: models.map(id => ({ id })) })
    if (request.url !== '/v1/chat/completions') return json(response, 404, { error: { message: 'no such path' } })
    const one: Asked = { authorization: request.headers.authorization, body: JSON.parse(await textOf(request)) }
    asked.push(one)
    const reply = replyTo(one, asked.length - 1)
    if (!reply) return json(response, 500, { error: { message: 'the script has no reply' } })
    if ('status' in reply) return json(response, reply.status, { error: { message: reply.message } })
    if (!one.body.stream) return json(response, 200, whole(reply, one.body.model))
    await stream(response, reply, one.body.model)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}/v1`, asked, stop: () => stop(server) }
}

/** The text of a reply, for a caller that wants no stream. */
function whole({ pieces = [] }: Exclude<Reply, { status: number }>, model: string) {
  const message = { role: 'assistant', content: [...pieces].join('') }
  const usage = { prompt_tokens: 7, completion_tokens: 1, total_tokens: 8 }
  const choices = [{ index: 0, message, finish_reason: 'stop' }]
  return { id: 'chatcmpl-1', object: 'chat.completion', created: 1, model, choices, usage }
}

async function stream(
  response: ServerResponse,
  reply: Exclude<Reply, { status: number }>,
  model: string,
): Promise<void> {
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  const send = async (choice: object, more: object = {}) => {
    const chunk = { id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1, model, choices: [choice], ...more }
    if (!response.write(`data: ${JSON.stringify(chunk)}\n\n`)) await drained(response)
  }
  let tokens = 0
  for (const content of reply.pieces ?? []) {
    if (response.destroyed) return
    await send({ index: 0, delta: { role: 'assistant', content } })
    tokens += 1
    if ('paceMs' in reply) await sleep(reply.paceMs)
  }
  if ('hang' in reply) return
  if (reply.cut) return void setImmediate(() => response.destroy())
  const calls = reply.calls ?? []
  for (const [index, { id, name, input }] of calls.entries()) {
    const call = {
      index,
      id: id ?? `call_${index}`,
      type: 'function',
      function: { name, arguments: JSON.stringify(input) },
    }
    await send({ index: 0, delta: { tool_calls: [call] } })
  }
  const usage = { prompt_tokens: 7, completion_tokens: tokens, total_tokens: tokens + 7 }
  await send({ index: 0, delta: {}, finish_reason: calls.length > 0 ? 'tool_calls' : 'stop' }, { usage })
  response.end('data: [DONE]\n\n')
}

/** Settles once there is room for more, or nobody is left to take it. */
function drained(response: ServerResponse): Promise<void> {
  return new Promise(resolve => {
    const done = () => {
      response.off('drain', done).off('close', done)
      resolve()
    }
    response.on('drain', done).on('close', done)
  })
}

function json(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(JSON.stringify(value))
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString('utf8')
}

async function stop(server: ReturnType<typeof createServer>): Promise<void> {
  server.close()
  server.closeAllConnections()
  if (server.listening) await once(server, 'close')
}
