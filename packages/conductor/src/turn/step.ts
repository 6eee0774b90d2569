// One call of the model.

import type { Usage } from '@spoq/contracts/session'
import type { ModelMessage, ToolSet } from 'ai'
import * as z from 'zod/mini'
import { aiSdk, filtered, joinDeltas, type Model, modelError, usageOf } from '../model/index.ts'
import type { Tool } from '../tool/tool.ts'

export interface Step {
  model: Model
  instructions: string
  messages: ModelMessage[]
  tools: readonly DescribedTool[]
  settings?: { temperature?: number; topP?: number }
  /** Ends the call; what it then throws is the signal's reason. */
  signal: AbortSignal
  /** Gets the text as it comes. */
  onText: (text: string) => void
  /** Most that it may answer, in tokens; null for the model's own bound. */
  maxOutputTokens: number | null
}

export interface Stepped {
  /** What the model said, in the SDK's form, its calls included. */
  messages: ModelMessage[]
  usage: Usage
  /** It was ended by `maxOutputTokens`, or by the model's own bound. */
  atBound: boolean
}

/**
 * Calls the model once and gives what it said. Nothing is executed: its tool calls are only told.
 * @throws ModelFailure `model_refused`, `model_failed`, or `model_cut` when it had begun to answer.
 */
export async function step({
  model,
  instructions,
  messages,
  tools,
  signal,
  onText,
  maxOutputTokens,
  settings = {},
}: Step): Promise<Stepped> {
  const { streamText, wrapLanguageModel } = await aiSdk()
  let begun = false
  try {
    const result = streamText({
      model: wrapLanguageModel({ model: model.language, middleware: joinDeltas }),
      ...(instructions === '' ? {} : { instructions }),
      messages,
      tools: await toolSet(tools),
      ...(model.options ? { providerOptions: model.options } : {}),
      ...settings,
      ...(maxOutputTokens === null ? {} : { maxOutputTokens }),
      // Tried again by us: with the vendor's own pause, and then with another model.
      maxRetries: 0,
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
    const reason = await result.finishReason
    assertFinished(reason, await result.rawFinishReason)
    const said = (await result.response).messages.filter(message => message.role === 'assistant')
    return { messages: said, usage: usageOf(await result.usage), atBound: reason === 'length' }
  } catch (error) {
    // A dropped connection throws here, a refused one comes as a part: both are one failure of the model.
    signal.throwIfAborted()
    throw modelError(error, begun, model.secret)
  }
}

/** @throws ModelFailure `model_refused` when a filter took the answer; Error when the stream ended before its end. */
function assertFinished(reason: string, raw: string | undefined): void {
  if (reason === 'content-filter') throw filtered(raw ?? 'content filter')
  if (reason === 'stop' || reason === 'length' || reason === 'tool-calls') return
  throw new Error(`the answer ended without its end${raw ? ` (${raw})` : ''}`)
}

/** A tool as a model is told of it. */
export interface DescribedTool {
  name: string
  description: string
  /** JSON Schema of its input. */
  schema: object
}

export const described = (tools: readonly Tool[]): DescribedTool[] =>
  tools.map(({ name, description, input }) => {
    return { name, description, schema: z.toJSONSchema(input, { io: 'input', target: 'draft-7' }) }
  })

/** Without `execute`, so that it is us who decide and run. */
async function toolSet(tools: readonly DescribedTool[]): Promise<ToolSet> {
  const { jsonSchema, tool } = await aiSdk()
  return Object.fromEntries(
    tools.map(({ name, description, schema }) => {
      return [name, tool({ description, inputSchema: jsonSchema(schema as Parameters<typeof jsonSchema>[0]) })]
    }),
  )
}
