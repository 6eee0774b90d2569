// A conversation as one text, for the model that summarises it.

import type { ModelMessage } from 'ai'

const longestPart = 16_000
const shortestPart = 200

/**
 * Writes messages as a text of at most so many characters: long parts lose their middles first, then what is oldest is
 * left out.
 */
export function transcriptOf(messages: readonly ModelMessage[], most: number): string {
  const parts = messages.flatMap(partsOf)
  for (let longest = longestPart; ; longest /= 2) {
    const text = parts.map(part => `${part.who}:\n${shortened(part.text, longest)}`).join('\n\n')
    if (text.length <= most) return text
    if (longest <= shortestPart) return `[what was older is left out]\n${text.slice(text.length - most)}`
  }
}

interface Part {
  who: string
  text: string
}

function partsOf({ role, content }: ModelMessage): Part[] {
  const who = { user: 'The person', assistant: 'You', tool: 'A tool answered', system: 'System' }[role]
  if (typeof content === 'string') return [{ who, text: content }]
  return content.flatMap((part): Part[] => {
    switch (part.type) {
      case 'text':
        return [{ who, text: part.text }]
      case 'tool-call':
        return [{ who: `You called ${part.toolName}`, text: JSON.stringify(part.input) }]
      case 'tool-result':
        return [{ who: `${part.toolName} answered`, text: 'value' in part.output ? textOf(part.output.value) : '' }]
      case 'file':
        return [{ who, text: `[file ${part.filename ?? ''}]` }]
      default:
        // What a model thought to itself is not part of what was said.
        return []
    }
  })
}

const textOf = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value))

function shortened(text: string, longest: number): string {
  if (text.length <= longest) return text
  const half = Math.floor(longest / 2)
  return `${text.slice(0, half)}\n[${text.length - 2 * half} characters left out]\n${text.slice(-half)}`
}
