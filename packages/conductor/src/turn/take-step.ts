// One step of a turn: the model is called with what stands in the log, and what it says goes there.

import { gather } from '../log/index.ts'
import type { Model } from '../model/index.ts'
import type { Tool } from '../tool/tool.ts'
import { titleOf } from './call-tool.ts'
import type { QueuedBody, TurnBody, TurnEvent } from './event.ts'
import { instructions } from './instructions.ts'
import { callsOf, messagesOf } from './messages.ts'
import { step } from './step.ts'
import { uniqueCalls } from './unique-calls.ts'
import type { Workshop } from './workshop.ts'

interface Standing {
  session: string
  turn: string
  events: readonly TurnEvent[]
  queued: QueuedBody
  model: Model
  tools: readonly Tool[]
}

/**
 * Calls the model once. Its text goes to the log as it comes; its calls and the step's end are answered, for the caller
 * to write in one.
 * @throws the signal's reason; SpoqError `model_refused`, `model_failed`, `model_cut`, `disk_full`.
 */
export async function takeStep(shop: Workshop, standing: Standing, signal: AbortSignal): Promise<TurnBody[]> {
  const { session, turn, events, queued, model, tools } = standing
  const full = new AbortController()
  const text = gather<string>(
    shop.gatherMs,
    pieces => shop.store.append(session, turn, [{ type: 'text.delta', text: pieces.join('') }]),
    error => full.abort(error),
  )
  try {
    const said = await step({
      model,
      instructions: instructions(shop.workspace, queued.client),
      messages: messagesOf(events),
      tools,
      signal: AbortSignal.any([signal, full.signal]),
      onText: text.add,
      retries: shop.retries,
    })
    const messages = uniqueCalls(said.messages, callIds(events), shop.newId)
    const calls = messages.flatMap(callsOf).map(({ toolCallId: call, toolName: tool, input }): TurnBody => {
      return { type: 'tool.call', call, tool, input, title: titleOf(tools, tool, input) }
    })
    return [...calls, { type: 'step.done', messages, usage: said.usage }]
  } finally {
    text.flush()
  }
}

const callIds = (events: readonly TurnEvent[]) =>
  new Set(events.flatMap(({ body }) => (body.type === 'tool.call' ? [body.call] : [])))
