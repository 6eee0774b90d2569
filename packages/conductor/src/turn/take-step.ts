// One step of a turn: a model is called with what stands in the log, and what it says goes there.

import { gather } from '../log/index.ts'
import { attempt, costOf, estimateOf, type Model } from '../model/index.ts'
import type { Tool } from '../tool/tool.ts'
import { titleOf } from './call-tool.ts'
import type { QueuedBody, TurnBody, TurnEvent } from './event.ts'
import { instructions } from './instructions.ts'
import { callsOf, holdImages, messagesOf, withoutImages } from './messages.ts'
import { paidStep } from './paid-step.ts'
import { purseOf } from './purse.ts'
import { described } from './step.ts'
import { toldIn } from './told.ts'
import { uniqueCalls } from './unique-calls.ts'
import type { Workshop } from './workshop.ts'

export interface Standing {
  session: string
  turn: string
  events: readonly TurnEvent[]
  queued: QueuedBody
  /** The model that is called, and those that are when it does not answer. */
  line: readonly Model[]
  tools: readonly Tool[]
  append: (...bodies: TurnBody[]) => void
}

/**
 * Calls the model once, or the next one while nothing is answered. Its text goes to the log as it comes; its calls and
 * the step's end in one.
 * @throws the signal's reason; SpoqError `model_refused`, `model_failed`, `model_cut`, `budget_spent`, `price_unknown`,
 * `disk_full`.
 */
export async function takeStep(shop: Workshop, standing: Standing, signal: AbortSignal): Promise<void> {
  const { session, turn, events, tools, append } = standing
  const full = new AbortController()
  const text = gather<string>(
    shop.gatherMs,
    pieces => shop.store.append(session, turn, [{ type: 'text.delta', text: pieces.join('') }]),
    error => full.abort(error),
  )
  const ended = AbortSignal.any([signal, full.signal])
  const [told, names] = toldBefore(shop, standing)
  const messages = messagesOf(events)
  const images = holdImages(messages)
  const purse = purseOf(shop, events, turn)

  async function call(model: Model) {
    const fitting = !images || (await model.takesImages()) ? messages : withoutImages(messages)
    const estimate = estimateOf([told, fitting, names], model.price)
    const asked = {
      model,
      instructions: told,
      messages: fitting,
      tools: described(tools),
      signal: ended,
      onText: text.add,
    }
    return paidStep(purse, asked, estimate)
  }

  try {
    const { model, usage, ...said } = await attempt(
      await lineFor(standing),
      call,
      ended,
      shop.attempts,
      (from, to, why) => append({ type: 'model.fell_back', from: from.name, to: to.name, reason: why }),
    )
    text.flush()
    const own = uniqueCalls(said.messages, callIds(events), shop.newId)
    const calls = own.flatMap(callsOf).map(({ toolCallId, toolName: tool, input }): TurnBody => {
      return { type: 'tool.call', call: toolCallId, tool, input, title: titleOf(tools, tool, input) }
    })
    const costMicros = costOf(model.price, usage)
    append(...calls, { type: 'step.done', messages: own, usage, model: model.name, costMicros })
    if (calls.length > 0 || said.bounded) purse.assertLeft(usage, costMicros)
  } finally {
    text.flush()
  }
}

/** What the model is told beside the conversation: the instructions, and of the tools what counts most. */
export function toldBefore({ workspace }: Workshop, { events, turn, queued, tools }: Standing) {
  const told = instructions(workspace, queued.client, toldIn(events, turn))
  return [told, tools.map(({ name, description }) => [name, description])] as const
}

/** A question about an image is not given to a model that cannot see it. */
async function lineFor({ line: [first, ...others], queued }: Standing): Promise<Model[]> {
  const images = queued.attachments.some(({ media }) => media)
  const seeing = await Promise.all(others.map(async model => (!images || (await model.takesImages()) ? [model] : [])))
  return [...(first ? [first] : []), ...seeing.flat()]
}

const callIds = (events: readonly TurnEvent[]) =>
  new Set(events.flatMap(({ body }) => (body.type === 'tool.call' ? [body.call] : [])))
