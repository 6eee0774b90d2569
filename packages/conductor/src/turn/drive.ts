// Drives one turn from where its events stand to its end, or to where it waits for a person.

import { SpoqError } from '@spoq/contracts/problem'
import { type Model, sumOfCosts } from '../model/index.ts'
import { suggestRule } from '../permit/index.ts'
import type { Tool } from '../tool/tool.ts'
import { failed, refused, runCall, validCall } from './call-tool.ts'
import type { AskClient } from './client-requests.ts'
import { isCall, type QueuedBody, type RequestedBody, type TurnBody, type TurnEvent } from './event.ts'
import { judge } from './judge.ts'
import { maxSteps, next, type ToolCall } from './next.ts'
import { standingInstructions } from './standing-instructions.ts'
import { stepWithRoom } from './step-with-room.ts'
import { toldIn } from './told.ts'
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
  let line: Model[] | undefined
  const models = async () => {
    line ??= await shop.models.line(queued().model)
    return standing(line, events, turn)
  }

  const toRead = standingInstructions(shop, { events, turn, client: most => clientOf(most), signal })
  const once = { refused: false }

  for (;;) {
    signal.throwIfAborted()
    // One by one: a long session has more events than a call takes arguments.
    for (const event of store.events(session, events.at(-1)?.id)) events.push(event)
    const tools = toolsNow()
    const todo = next(events.filter(event => event.turn === turn))
    switch (todo.do) {
      case 'nothing':
      case 'wait':
        return
      case 'start':
        append(...(await begun()))
        break
      case 'step': {
        const more = await toRead.since()
        if (more) append(more)
        const standing = { session, turn, events, queued: queued(), line: await models(), tools, append }
        if (!more) await stepWithRoom(shop, standing, once, signal)
        break
      }
      case 'decide':
        append(await decided(todo.call, tools))
        break
      case 'run':
        append(await run(todo.call, tools))
        break
      case 'refuse':
        append(refused(todo.call, `Denied by the person (${todo.by}).`))
        break
      case 'limit':
        throw new SpoqError('turn_limit', { message: `The turn took more than ${maxSteps} steps.` })
      case 'finish':
        append({
          type: 'turn.done',
          model: modelName(events, turn),
          usage: todo.usage,
          costMicros: costOf(events, turn),
        })
        return
    }
  }

  async function begun(): Promise<TurnBody[]> {
    const [first] = await models()
    return [...(await toRead.atStart()), { type: 'turn.started', model: first?.name ?? '' }]
  }

  async function decided(call: ToolCall, tools: readonly Tool[]): Promise<TurnBody> {
    const valid = validCall(tools, call)
    if (!valid) return run(call, tools)
    const { decision, subject, folder } = await judge(shop, session, queued(), valid.tool, valid.input)
    if (decision.do === 'allow') return run(call, tools)
    if (decision.do === 'deny') return refused(call, decision.why)
    try {
      const preview = await valid.tool.preview?.(valid.input)
      return {
        type: 'approval.requested',
        approval: shop.newId('appr'),
        call: call.call,
        tool: call.tool,
        title: call.title,
        reason: decision.why,
        diff: preview?.diff ?? null,
        rule: decision.once ? '' : suggestRule(subject),
        base: preview?.base,
        folder,
      }
    } catch (error) {
      // What cannot be done need not be asked about.
      return failed(call, error)
    }
  }

  function run(call: ToolCall, tools: readonly Tool[]): Promise<TurnBody> {
    const origin = { session, turn, call: call.call }
    return runCall(tools, call, { signal, client: clientOf(), origin, base: requestOf(events, turn, call)?.base })
  }

  /** Asks the computer that asked; null when it offers nothing. */
  function clientOf(mostMs?: number): AskClient | null {
    if (!queued().client) return null
    return (tool, input) =>
      shop.requests.ask(request => append({ type: 'client.request', request, tool, input }), signal, mostMs)
  }

  function toolsNow(): readonly Tool[] {
    const { skills } = toldIn(events, turn)
    return [
      ...(queued().client ? shop.clientTools : []),
      ...shop.machineTools,
      ...(skills.length > 0 ? [shop.skillTool] : []),
    ]
  }
}

/** What a person was asked about a call, if anybody was. */
function requestOf(events: readonly TurnEvent[], turn: string, { call }: ToolCall): RequestedBody | undefined {
  const bodies = events.map(({ body, turn: of }) => (of === turn ? body : null))
  return bodies.findLast(body => body?.type === 'approval.requested' && body.call === call) as RequestedBody | undefined
}

/** The model that the turn stands at now: the last one that it fell back to. */
function modelName(events: readonly TurnEvent[], turn: string): string {
  let name: string | undefined
  for (const { body, turn: of } of events) {
    if (of === turn && body.type === 'turn.started') name = body.model
    if (of === turn && body.type === 'model.fell_back') name = body.to
  }
  if (name === undefined) throw new Error('a turn that finishes has started')
  return name
}

/** What is left of the line: a model that did not answer is not asked again in this turn. */
function standing(line: Model[], events: readonly TurnEvent[], turn: string): Model[] {
  const last = events.findLast(({ body, turn: of }) => of === turn && body.type === 'model.fell_back')?.body
  const at = last?.type === 'model.fell_back' ? line.findIndex(({ name }) => name === last.to) : 0
  return line.slice(Math.max(0, at))
}

const costOf = (events: readonly TurnEvent[], turn: string) =>
  sumOfCosts(events.flatMap(({ body, turn: of }) => (of === turn && isCall(body) ? [body.costMicros] : [])))
