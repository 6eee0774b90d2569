// From OpenAI's messages to the SDK's.

import type { ChatMessage, ChatRequest } from '@spoq/contracts/completion'
import { SpoqError } from '@spoq/contracts/problem'
import type { FilePart, ModelMessage, TextPart, ToolContent } from 'ai'
import type { DescribedTool } from '../turn/index.ts'

export interface Prompt {
  instructions: string
  messages: ModelMessage[]
  tools: DescribedTool[]
}

/** @throws SpoqError `invalid_request` for a result without its call, or arguments that are no JSON object. */
export function promptOf({ messages, tools = [] }: ChatRequest): Prompt {
  const names = new Map<string, string>()
  const told: string[] = []
  const said: ModelMessage[] = []
  for (const message of messages) {
    if (message.role === 'system' || message.role === 'developer') told.push(textOf(message.content))
    else if (message.role === 'user') said.push({ role: 'user', content: userContent(message.content) })
    else if (message.role === 'assistant') said.push(assistant(message, names))
    else addResult(said, message, names)
  }
  if (said.length === 0) throw invalid('There is no message but those of the system.')
  return { instructions: told.join('\n\n'), messages: said, tools: tools.map(described) }
}

type Of<Role> = Extract<ChatMessage, { role: Role }>

function assistant({ content, tool_calls = [] }: Of<'assistant'>, names: Map<string, string>): ModelMessage {
  const text = textOf(content ?? '')
  const calls = tool_calls.map(({ id, function: { name, arguments: args } }) => {
    names.set(id, name)
    return { type: 'tool-call' as const, toolCallId: id, toolName: name, input: objectOf(args) }
  })
  return { role: 'assistant', content: [...(text === '' ? [] : [{ type: 'text' as const, text }]), ...calls] }
}

/** Results that stand together are one message of the SDK's. */
function addResult(said: ModelMessage[], { content, tool_call_id: id }: Of<'tool'>, names: Map<string, string>): void {
  const toolName = names.get(id)
  if (toolName === undefined) throw invalid(`The result ${JSON.stringify(id)} belongs to no call before it.`)
  const output = { type: 'text' as const, value: textOf(content) }
  const result: ToolContent[number] = { type: 'tool-result', toolCallId: id, toolName, output }
  const last = said.at(-1)
  if (last?.role === 'tool') last.content.push(result)
  else said.push({ role: 'tool', content: [result] })
}

function userContent(content: Of<'user'>['content']): string | (TextPart | FilePart)[] {
  if (typeof content === 'string') return content
  return content.map(part => {
    if (part.type === 'text') return part
    const [, mediaType = '', data = ''] = /^data:([^;]+);base64,(.*)$/s.exec(part.image_url.url) ?? []
    return { type: 'file', mediaType, filename: 'image', data: { type: 'data', data } }
  })
}

const described = ({
  function: { name, description = '', parameters },
}: NonNullable<ChatRequest['tools']>[number]) => ({
  name,
  description,
  schema: { type: 'object', properties: {}, ...parameters },
})

const textOf = (content: string | { text: string }[]) =>
  typeof content === 'string' ? content : content.map(({ text }) => text).join('')

function objectOf(args: string): unknown {
  try {
    return JSON.parse(args === '' ? '{}' : args)
  } catch {
    throw invalid("A call's arguments are not JSON.")
  }
}

const invalid = (message: string) => new SpoqError('invalid_request', { message })
