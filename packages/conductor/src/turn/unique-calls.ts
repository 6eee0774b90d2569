import type { ModelMessage } from 'ai'

/**
 * Gives a new id to each call whose id is taken: some models count theirs from 0 in every answer, and the log tells
 * calls apart by their ids alone.
 */
export function uniqueCalls(
  messages: readonly ModelMessage[],
  taken: ReadonlySet<string>,
  newId: (kind: string) => string,
): ModelMessage[] {
  const seen = new Set(taken)
  const fresh = (id: string) => {
    const unique = seen.has(id) ? newId('call') : id
    seen.add(unique)
    return unique
  }
  return messages.map(message => {
    if (message.role !== 'assistant' || typeof message.content === 'string') return message
    const content = message.content.map(part =>
      part.type === 'tool-call' ? { ...part, toolCallId: fresh(part.toolCallId) } : part,
    )
    return { ...message, content }
  })
}
