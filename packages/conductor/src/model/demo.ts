// The demo model: a script that is told apart from AI in every answer, and really calls the tools. It is there so that
// a new machine can be tried without a key.

import { setTimeout as sleep } from 'node:timers/promises'
import type { LanguageModelV4, LanguageModelV4StreamPart } from '@ai-sdk/provider'
import { type DemoReply, demoReply } from './demo-script.ts'
import type { Model } from './model.ts'

export interface DemoOptions {
  /** Between two words, in ms. */
  paceMs: number
}

/** The demo as a model like any other. */
export function demoModel(options: DemoOptions): Model {
  const takesImages = async () => false
  const own = { secret: null, price: null, free: true, contextTokens: Number.POSITIVE_INFINITY }
  return { name: 'demo', language: languageModel(options), ...own, takesImages }
}

function languageModel({ paceMs }: DemoOptions): LanguageModelV4 {
  return {
    specificationVersion: 'v4',
    provider: 'spoq',
    modelId: 'demo',
    supportedUrls: {},
    doGenerate: () => Promise.reject(new Error('the demo only streams')),
    doStream: async ({ prompt, tools = [], abortSignal }) => {
      const reply = demoReply(
        prompt,
        tools.map(tool => tool.name),
      )
      return { stream: ReadableStream.from(parts(reply, paceMs, abortSignal)) }
    },
  }
}

async function* parts(
  reply: DemoReply,
  paceMs: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<LanguageModelV4StreamPart> {
  yield { type: 'stream-start', warnings: [] }
  let words = 0
  if (reply.text) {
    yield { type: 'text-start', id: 'text' }
    for (const delta of reply.text) {
      if (words++ > 0) await sleep(paceMs, undefined, { signal })
      yield { type: 'text-delta', id: 'text', delta }
    }
    yield { type: 'text-end', id: 'text' }
  }
  for (const { id, tool, input } of reply.calls ?? [])
    yield { type: 'tool-call', toolCallId: id, toolName: tool, input: JSON.stringify(input) }
  const unified = reply.calls ? 'tool-calls' : 'stop'
  yield { type: 'finish', finishReason: { unified, raw: unified }, usage: usage(words) }
}

/** It has no tokens; its words are counted so that what shows usage can be seen working. */
const usage = (words: number) => ({
  inputTokens: { total: 0, noCache: undefined, cacheRead: undefined, cacheWrite: undefined },
  outputTokens: { total: words, text: words, reasoning: undefined },
})
