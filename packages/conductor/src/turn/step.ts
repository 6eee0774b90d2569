// One call of the model.

import type { Usage } from '@spoq/contracts/session'
import type { ModelMessage, ToolSet } from 'ai'
import * as z from 'zod/mini'
import { joinDeltas, type Model, modelError } from '../model/index.ts'
import type { Tool } from '../tool/tool.ts'

interface Step {
  model: Model
  instructions: string
  messages: ModelMessage[]
  tools: readonly Tool[]
  /** Ends the call; what it then throws is the signal's reason. */
  signal: AbortSignal
  /** Gets the text as it comes. */
  onText: (text: string) => void
  /** Times that a call is repeated which failed before it answered anything. */
  retries: number
}

interface Stepped {
  /** What the model said, in the SDK's form, its calls included. */
  messages: ModelMessage[]
  usage: Usage
}

/**
 * Calls the model once and gives what it said. Nothing is executed: its tool calls are only told.
 * @throws SpoqError `model_refused`, `model_failed`, or `model_cut` when it had begun to answer.
 */
export async function step({ model, instructions, messages, tools, signal, onText, retries }: Step): Promise<Stepped> {
  const { streamText, wrapLanguageModel } = await import('ai')
  let begun = false
  try {
    const result = streamText({
      model: wrapLanguageModel({ model: model.language, middleware: joinDeltas }),
      instructions,
      messages,
      tools: await toolSet(tools),
      maxRetries: retries,
      abortSignal: signal,
      // It would print to the console; the error comes as a part of the stream as well.
      onError: () => {},
    })
    for await (const part of result.fullStream) {
      if (part.type === 'error') throw part.error
      if (part.type === 'text-delta') onText(part.text)
      begun ||= part.type === 'text-delta' || part.type === 'reasoning-delta' || part.type === 'tool-input-start'
    }
    signal.throwIfAborted()
    const said = (await result.response).messages.filter(message => message.role === 'assistant')
    const { inputTokens = 0, outputTokens = 0 } = await result.usage
    return { messages: said, usage: { inputTokens, outputTokens } }
  } catch (error) {
    // A dropped connection throws here, a refused one comes as a part: both are one failure of the model.
    signal.throwIfAborted()
    throw modelError(error, begun, model.secret)
  }
}

/** The tools as the model is told of them: without `execute`, so that it is us who decide and run. */
async function toolSet(tools: readonly Tool[]): Promise<ToolSet> {
  const { jsonSchema, tool } = await import('ai')
  return Object.fromEntries(
    tools.map(({ name, description, input }) => {
      const shape = z.toJSONSchema(input, { io: 'input', target: 'draft-7' })
      return [name, tool({ description, inputSchema: jsonSchema(shape as Parameters<typeof jsonSchema>[0]) })]
    }),
  )
}
