// What a model said, in OpenAI's form.

import type { Usage } from '@spoq/contracts/session'

export interface Said {
  model: string
  text: string
  calls: { toolCallId: string; toolName: string; input: unknown }[]
  usage: Usage
  /** It was ended by a bound. */
  atBound: boolean
}

/** The whole of it. */
export function whole(id: string, said: Said): object {
  const message = {
    role: 'assistant',
    content: said.text === '' && said.calls.length > 0 ? null : said.text,
    ...(said.calls.length > 0 ? { tool_calls: said.calls.map(callOf) } : {}),
  }
  const choices = [{ index: 0, message, finish_reason: reasonOf(said) }]
  return { id, object: 'chat.completion', created: seconds(), model: said.model, choices, usage: usageOf(said.usage) }
}

/** Its pieces as they come. */
export function chunks(id: string, model: string) {
  const created = seconds()
  let first = true
  function chunk(delta: object, finish_reason: string | null): object {
    const role = first ? { role: 'assistant' } : {}
    first = false
    const choices = [{ index: 0, delta: { ...role, ...delta }, finish_reason }]
    return { id, object: 'chat.completion.chunk', created, model, choices }
  }

  function end(said: Said, withUsage: boolean): object[] {
    const calls = said.calls.map((call, index) => ({ index, ...callOf(call) }))
    return [
      ...(calls.length > 0 ? [chunk({ tool_calls: calls }, null)] : []),
      chunk({}, reasonOf(said)),
      ...(withUsage
        ? [{ id, object: 'chat.completion.chunk', created, model, choices: [], usage: usageOf(said.usage) }]
        : []),
    ]
  }

  return { text: (content: string) => chunk({ content }, null), end }
}

const callOf = ({ toolCallId: id, toolName: name, input }: Said['calls'][number]) => ({
  id,
  type: 'function',
  function: { name, arguments: JSON.stringify(input) },
})

const reasonOf = ({ calls, atBound }: Said) => (atBound ? 'length' : calls.length > 0 ? 'tool_calls' : 'stop')

const usageOf = ({ inputTokens, outputTokens, cachedTokens = 0 }: Usage) => ({
  prompt_tokens: inputTokens,
  completion_tokens: outputTokens,
  total_tokens: inputTokens + outputTokens,
  prompt_tokens_details: { cached_tokens: cachedTokens },
})

const seconds = () => Math.floor(Date.now() / 1000)
