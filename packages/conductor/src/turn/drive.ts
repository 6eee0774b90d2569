// Drives one turn from where its events stand to its end, or to where it waits for a person.

import { SpoqError } from '@spoq/contracts/problem'
import type { Model } from '../model/index.ts'
import type { Tool } from '../tool/tool.ts'
import { decideCall, refused, runCall } from './call-tool.ts'
import type { QueuedBody, TurnBody, TurnEvent } from './event.ts'
import { maxSteps, next, type ToolCall } from './next.ts'
import { takeStep } from './take-step.ts'
import type { Workshop } from './workshop.ts'

/**
 * Drives a turn. It answers when the turn has ended well or waits for a person.
 * @throws the signal's reason when that ends it; SpoqError when the turn cannot go on.
 */
export async function drive(shop: Workshop, session: string, turn: string, signal: AbortSignal): Promise<void> {
  const { store } = shop
  const events: TurnEvent[] = []
  const queued = () => events.find(event => event.turn === turn)?.body as QueuedBody
  const append = (...bodies: TurnBody[]) => store.append(session, turn, bodies)
  let model: Model | undefined

  for (;;) {
    signal.throwIfAborted()
    events.push(...store.events(session, events.at(-1)?.id))
    const tools = queued().client ? [...shop.clientTools, ...shop.machineTools] : shop.machineTools
    const todo = next(events.filter(event => event.turn === turn))
    switch (todo.do) {
      case 'nothing':
      case 'wait':
        return
      case 'start':
        model = await shop.models.choose(queued().model)
        append({ type: 'turn.started', model: model.name })
        break
      case 'step':
        model ??= await shop.models.choose(queued().model)
        append(...(await takeStep(shop, { session, turn, events, queued: queued(), model, tools }, signal)))
        break
      case 'decide':
        append(await decided(todo.call, tools, queued().approve))
        break
      case 'run':
        append(await run(todo.call, tools))
        break
      case 'refuse':
        append(refused(todo.call, `the person (${todo.by})`))
        break
      case 'limit':
        throw new SpoqError('turn_limit', { message: `The turn took more than ${maxSteps} steps.` })
      case 'finish':
        append({ type: 'turn.done', model: modelName(events, turn), usage: todo.usage, costMicros: null })
        return
    }
  }

  async function decided(call: ToolCall, tools: readonly Tool[], rules: readonly string[]): Promise<TurnBody> {
    const decision = decideCall(tools, call, rules)
    if (decision === 'allow') return run(call, tools)
    if (decision === 'deny') return refused(call, 'the rules that came with the question')
    const approval = shop.newId('appr')
    const asked = { call: call.call, tool: call.tool, title: call.title }
    return { type: 'approval.requested', approval, ...asked, reason: 'No rule allows it.', diff: null, rule: '' }
  }

  function run(call: ToolCall, tools: readonly Tool[]): Promise<TurnBody> {
    const client = queued().client
      ? (tool: 'read' | 'glob' | 'grep', input: unknown) =>
          shop.requests.ask(request => append({ type: 'client.request', request, tool, input }), signal)
      : null
    return runCall(tools, call, { signal, client })
  }
}

function modelName(events: readonly TurnEvent[], turn: string): string {
  for (const { body, turn: of } of events) if (of === turn && body.type === 'turn.started') return body.model
  throw new Error('a turn that finishes has started')
}
