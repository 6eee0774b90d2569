// The messages for the model, from the events of a session alone.

import type { FilePart, ModelMessage, TextPart, ToolContent, UserContent, UserModelMessage } from 'ai'
import { compactionIn, headOf } from './compaction.ts'
import { endTypes, type QueuedBody, type Shown, type TurnEvent } from './event.ts'

type Result = Shown<'tool.result'>

/**
 * The conversation so far: every turn that has started, in their order. What a broken turn had answered is kept, and a
 * call that never ran says so, because models refuse a call without a result. Of what the newest compaction covers, its
 * summary and the person's questions stand at the beginning; the question of a turn that went on after it as it was asked.
 */
export function messagesOf(events: readonly TurnEvent[]): ModelMessage[] {
  const turns = [...Map.groupBy(events, event => event.turn).values()].filter(turn => startOf(turn) !== undefined)
  const compacted = compactionIn(events)
  if (!compacted) return turns.flatMap(messagesOfTurn)
  const { upTo, summary } = compacted
  const covered = turns.filter(turn => (startOf(turn) as number) <= upTo)
  const goesOn = covered.filter(turn => !turn.some(({ id, body }) => id <= upTo && endTypes.has(body.type)))
  const ended = covered.filter(turn => !goesOn.includes(turn))
  const head = headOf(summary, ended.map(queuedIn).map(questionWithNames))
  const asking = goesOn.map((turn): ModelMessage => ({ role: 'user', content: asked(queuedIn(turn)) }))
  const after = turns.flatMap(turn =>
    messagesOfTurn(
      covered.includes(turn) ? turn.filter(({ id, body }) => id > upTo && body.type !== 'turn.queued') : turn,
    ),
  )
  return inOne({ role: 'user', content: head }, [...asking, ...after])
}

const startOf = (turn: readonly TurnEvent[]) => turn.find(({ body }) => body.type === 'turn.started')?.id
const queuedIn = (turn: readonly TurnEvent[]) =>
  turn.find(({ body }) => body.type === 'turn.queued')?.body as QueuedBody

function questionWithNames({ question, attachments }: QueuedBody): string {
  const names = attachments.map(({ name }) => JSON.stringify(name))
  return names.length === 0 ? question : `${question}\n[attached: ${names.join(', ')}]`
}

/** Puts a text before the messages: into the first one where that is the person's too, because roles take turns. */
function inOne(head: UserModelMessage & { content: string }, messages: ModelMessage[]): ModelMessage[] {
  const [first, ...others] = messages
  if (first?.role !== 'user') return [head, ...messages]
  if (typeof first.content === 'string')
    return [{ ...first, content: `${head.content}\n\n${first.content}` }, ...others]
  return [{ ...first, content: [{ type: 'text', text: head.content }, ...first.content] }, ...others]
}

function messagesOfTurn(turn: readonly TurnEvent[]): ModelMessage[] {
  const results = new Map<string, Result>()
  for (const { body } of turn) if (body.type === 'tool.result') results.set(body.call, body)
  const messages: ModelMessage[] = []
  let text = ''
  for (const { body } of turn) {
    if (body.type === 'turn.queued') messages.push({ role: 'user', content: asked(body) })
    else if (body.type === 'text.delta') text += body.text
    else if (body.type === 'step.done') {
      messages.push(...body.messages, ...resultsOf(body.messages, results))
      text = ''
    }
  }
  if (text !== '') messages.push({ role: 'assistant', content: text })
  return [...messages, ...undoneIn(turn)]
}

/** What the model must know before it edits these files again. */
function undoneIn(turn: readonly TurnEvent[]): ModelMessage[] {
  const paths = turn.flatMap(({ body }) => (body.type === 'edits.undone' ? body.done.map(({ path }) => path) : []))
  if (paths.length === 0) return []
  const content = `[Afterwards I took back the edits of this turn in: ${[...new Set(paths)].join(', ')}]`
  return [{ role: 'user', content }]
}

function asked(queued: QueuedBody): UserContent {
  const attached = queued.attachments.map(({ name, lines, text, media }) => {
    if (media) return `<attachment name=${JSON.stringify(name)}/>`
    const which = lines ? ` lines="${lines[0]}-${lines[1]}"` : ''
    return `<attachment name=${JSON.stringify(name)}${which}>\n${text}\n</attachment>`
  })
  const text = [queued.question, ...attached].join('\n\n')
  const images = queued.attachments.flatMap(({ name, media }): FilePart[] =>
    media ? [{ type: 'file', mediaType: media.type, filename: name, data: { type: 'data', data: media.data } }] : [],
  )
  return images.length > 0 ? [{ type: 'text', text }, ...images] : text
}

/** Whether there is an image among them, of this turn or an earlier one. */
export const holdImages = (messages: readonly ModelMessage[]) =>
  messages.some(({ role, content }) => role === 'user' && typeof content !== 'string')

/** The same for a model that takes no images: each is named in its place. */
export function withoutImages(messages: readonly ModelMessage[]): ModelMessage[] {
  return messages.map(message => {
    if (message.role !== 'user' || typeof message.content === 'string') return message
    return { ...message, content: message.content.map(inWords) }
  })
}

function inWords(part: Exclude<UserContent, string>[number]): TextPart {
  if (part.type === 'text') return part
  return { type: 'text', text: `[${part.type === 'file' ? part.filename : 'image'}: this model takes no images]` }
}

function resultsOf(messages: readonly ModelMessage[], results: Map<string, Result>): ModelMessage[] {
  const content: ToolContent = []
  for (const { toolCallId, toolName } of messages.flatMap(callsOf)) {
    const result = results.get(toolCallId)
    const value = result?.output ?? 'The turn ended before this ran.'
    const type = result && !result.failed ? 'text' : 'error-text'
    content.push({ type: 'tool-result', toolCallId, toolName, output: { type, value } })
  }
  return content.length > 0 ? [{ role: 'tool', content }] : []
}

/** The calls in a message of the model. */
export function callsOf(message: ModelMessage): { toolCallId: string; toolName: string; input: unknown }[] {
  if (message.role !== 'assistant' || typeof message.content === 'string') return []
  return message.content.filter(part => part.type === 'tool-call')
}

/** The text in messages of the model. */
export function textSaid(messages: readonly ModelMessage[]): string {
  return messages
    .flatMap(({ role, content }) => {
      if (role !== 'assistant') return []
      if (typeof content === 'string') return [content]
      return content.map(part => (part.type === 'text' ? part.text : ''))
    })
    .join('')
}
