// What the demo says and which tools it calls, from the conversation alone: look for files, read the one that tells
// most, ask the machine something, answer with what came back.

import type { LanguageModelV4Message, LanguageModelV4Prompt } from '@ai-sdk/provider'
import { type Done, demoAnswer, filesIn, label } from './demo-answer.ts'

/** Either calls or text, as a real model's step. */
export interface DemoReply {
  text?: Iterable<string>
  calls?: { id: string; tool: string; input: object }[]
}

/** The next step of the script. `tools` are the names of those that may be called. */
export function demoReply(prompt: LanguageModelV4Prompt, tools: readonly string[]): DemoReply {
  const start = prompt.findLastIndex(message => message.role === 'user')
  const question = textOf(prompt[start])
  const done = doneIn(prompt.slice(start + 1))
  const [, count] = /^count (\d{1,7})\b/.exec(question) ?? []
  if (count) return { text: counting(Number(count)) }
  const [, command] = /^run: (.+)/.exec(question) ?? []
  const plan = command ? [{ tool: 'run', input: { command } }] : nextCalls(done, tools)
  const calls = plan.filter(call => tools.includes(call.tool) && !done.some(({ tool }) => tool === call.tool))
  if (calls.length === 0) return { text: words(demoAnswer(question, done)) }
  return { calls: calls.map((call, index) => ({ id: `demo_${start}_${done.length + index}`, ...call })) }
}

/** Where the laptop offers its files those are looked at, else the machine's. */
function nextCalls(done: readonly Done[], tools: readonly string[]): { tool: string; input: object }[] {
  const prefix = tools.includes('client_glob') ? 'client_' : ''
  const listed = done.find(({ tool }) => tool === `${prefix}glob`)
  if (!listed) return [{ tool: `${prefix}glob`, input: { pattern: '**/*' } }]
  const telling = tellingFile(listed.failed ? [] : filesIn(listed.output))
  return [
    ...(telling ? [{ tool: `${prefix}read`, input: { path: telling } }] : []),
    { tool: 'run', input: { command: 'uname -sr' } },
  ]
}

const tellingNames = [/^readme(\.md|\.txt|\.rst)?$/i, /^package\.json$/, /^(pyproject|cargo)\.toml$/i, /\.md$/i]

/** The file that says most about a project: the first kind there is, the one highest up. */
function tellingFile(files: readonly string[]): string | undefined {
  const depth = (path: string) => path.split('/').length
  const byDepth = files.toSorted((a, b) => depth(a) - depth(b))
  for (const name of tellingNames) {
    const found = byDepth.find(path => name.test(path.split('/').at(-1) ?? ''))
    if (found) return found
  }
  return undefined
}

function doneIn(messages: readonly LanguageModelV4Message[]): Done[] {
  const calls = messages.flatMap(({ role, content }) =>
    role === 'assistant' ? content.filter(part => part.type === 'tool-call') : [],
  )
  const results = messages.flatMap(({ role, content }) =>
    role === 'tool' ? content.filter(part => part.type === 'tool-result') : [],
  )
  return results.map(({ toolCallId, toolName, output }) => ({
    tool: toolName,
    input: (calls.find(call => call.toolCallId === toolCallId)?.input ?? {}) as Record<string, unknown>,
    output: 'value' in output ? String(output.value) : '',
    failed: output.type !== 'text',
  }))
}

function textOf(message: LanguageModelV4Message | undefined): string {
  if (message?.role !== 'user') return ''
  return message.content.map(part => (part.type === 'text' ? part.text : '')).join('')
}

function* counting(to: number): Generator<string> {
  yield label
  for (let number = 1; number <= to; number++) yield ` ${number}`
}

/** Text in the pieces that a model would stream. */
const words = (text: string): string[] => text.match(/\s*\S+/g) ?? []
