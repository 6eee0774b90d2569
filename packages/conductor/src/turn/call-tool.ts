// One tool call: validate, decide, run. Whatever happens ends as a result that the model reads.

import { SpoqError } from '@spoq/contracts/problem'
import type { Tool, ToolContext } from '../tool/tool.ts'
import type { TurnBody } from './event.ts'
import type { ToolCall } from './next.ts'

/** The title of a call, also of one that makes no sense. */
export function titleOf(tools: readonly Tool[], name: string, input: unknown): string {
  const tool = tools.find(one => one.name === name)
  const parsed = tool?.input.safeParse(input)
  return tool && parsed?.success ? tool.title(parsed.data) : name
}

/** The tool of a call and its validated input; null for a call that makes no sense, whose run says why. */
export function validCall(tools: readonly Tool[], call: ToolCall): { tool: Tool; input: unknown } | null {
  const tool = tools.find(one => one.name === call.tool)
  const parsed = tool?.input.safeParse(call.input)
  return tool && parsed?.success ? { tool, input: parsed.data } : null
}

/** The result of a call that nobody allowed. */
export function refused(call: ToolCall, why: string): TurnBody {
  return { type: 'tool.result', call: call.call, output: `${why} Do not try it again.`, failed: true }
}

/** The result of a call that could not be done. */
export function failed(call: ToolCall, error: unknown): TurnBody {
  return { type: 'tool.result', call: call.call, output: messageOf(error), failed: true }
}

/**
 * Runs a call and gives its result. A tool that does not end with the signal is left behind.
 * @throws the signal's reason when the turn was stopped, and SpoqError `disk_full` of the log.
 */
export async function runCall(tools: readonly Tool[], call: ToolCall, context: ToolContext): Promise<TurnBody> {
  const result = (output: string, failed: boolean): TurnBody => ({
    type: 'tool.result',
    call: call.call,
    output,
    failed,
  })
  const tool = tools.find(one => one.name === call.tool)
  if (!tool) return result(`There is no tool ${call.tool}. There are: ${tools.map(one => one.name).join(', ')}.`, true)
  const parsed = tool.input.safeParse(call.input)
  if (!parsed.success) return result(`The input is not valid: ${parsed.error.issues.map(told).join('; ')}`, true)
  try {
    return result(await untilStopped(tool.run(parsed.data, context), context.signal), false)
  } catch (error) {
    context.signal.throwIfAborted()
    if (error instanceof SpoqError && error.code === 'disk_full') throw error
    return failed(call, error)
  }
}

const told = ({ path, message }: { path: PropertyKey[]; message: string }) => [path.join('.'), message].join(' ').trim()

function messageOf(error: unknown): string {
  if (error instanceof SpoqError) return `${error.code}: ${error.message}`
  return error instanceof Error ? error.message : String(error)
}

async function untilStopped<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted()
  const { promise, reject } = Promise.withResolvers<never>()
  const stopped = () => reject(signal.reason)
  signal.addEventListener('abort', stopped)
  try {
    return await Promise.race([work, promise])
  } finally {
    signal.removeEventListener('abort', stopped)
  }
}
