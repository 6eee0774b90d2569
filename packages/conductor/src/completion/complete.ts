// Answers other tools in OpenAI's form: one call of the model, outside of any session.

import type { ChatRequest } from '@spoq/contracts/completion'
import { SpoqError } from '@spoq/contracts/problem'
import type { Messages } from '../message/index.ts'
import { attempt, costOf, estimateOf, isOnCredit } from '../model/index.ts'
import { callsOf, holdImages, paidStep, purseOf, textSaid, type Workshop } from '../turn/index.ts'
import { chunks, type Said, whole } from './answer.ts'
import { openAiError } from './error.ts'
import { promptOf } from './prompt.ts'

/** What it works with, and what counts its messages. */
export interface Counter extends Workshop {
  messages: Pick<Messages, 'take'>
}

/**
 * Answers a request, as a stream where it asks for one. Once a stream has begun, an error stands in it.
 * @throws SpoqError as its route says, as long as nothing was answered.
 */
export async function complete(shop: Counter, asked: ChatRequest, signal: AbortSignal): Promise<Response> {
  const id = shop.newId('chatcmpl').replace('_', '-')
  if (!asked.stream) {
    const said = await call(shop, asked, signal, () => {})
    return Response.json(whole(id, said), { headers: { 'cache-control': 'no-store' } })
  }
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>(undefined, undefined, {
    highWaterMark: 64,
  })
  const writer = writable.getWriter()
  const gone = new AbortController()
  void writer.closed.catch(error => gone.abort(error))
  const begun = Promise.withResolvers<void>()
  const out = chunks(id, asked.model)
  const send = (data: object | string) => {
    begun.resolve()
    writer.write(encoder.encode(`data: ${typeof data === 'string' ? data : JSON.stringify(data)}\n\n`)).catch(() => {})
  }
  const answering = call(shop, asked, AbortSignal.any([signal, gone.signal]), text => send(out.text(text)))
  // An error before the first word is answered as one, with its status.
  await Promise.race([begun.promise, answering])
  void answering
    .then(said => {
      for (const chunk of out.end(said, asked.stream_options?.include_usage === true)) send(chunk)
      send('[DONE]')
    })
    .catch(error => send(openAiError(error)))
    .finally(() => writer.close().catch(() => {}))
  return new Response(readable, { headers: { 'content-type': 'text/event-stream', 'cache-control': 'no-store' } })
}

const encoder = new TextEncoder()
/** Names for the machine's own choice, for tools that must send one. */
const ownChoice = ['', 'default']

async function call(
  shop: Counter,
  asked: ChatRequest,
  signal: AbortSignal,
  onText: (text: string) => void,
): Promise<Said> {
  const prompt = promptOf(asked)
  const line = await shop.models.line(ownChoice.includes(asked.model) ? null : asked.model)
  if (holdImages(prompt.messages) && !(await line[0]?.takesImages())) throw new SpoqError('no_images')
  // What carries the result of a tool goes on with a message that was counted.
  if (line[0] && prompt.messages.at(-1)?.role !== 'tool') shop.messages.take(isOnCredit(line[0]))
  const purse = purseOf(shop, [], '')
  const most = asked.max_completion_tokens ?? asked.max_tokens ?? null
  const settings = { ...given('temperature', asked.temperature), ...given('topP', asked.top_p) }
  const said = await attempt(
    line,
    model => paidStep(purse, { model, ...prompt, settings, signal, onText }, estimateOf(prompt, model.price), most),
    signal,
    shop.attempts,
    () => {},
  )
  const { usage, model } = said
  shop.spending.record({ usage, model: model.name, costMicros: costOf(model.price, usage) })
  const calls = said.messages.flatMap(callsOf)
  return { model: asked.model, text: textSaid(said.messages), calls, usage, atBound: said.atBound }
}

const given = (name: string, value: number | null | undefined) => (value == null ? {} : { [name]: value })
