// What a tool is: something the model may call. The turn validates the input, asks where it must, and runs it.

import type { ClientTool } from '@spoq/contracts/session'
import type * as z from 'zod/mini'

export interface Tool {
  /** As the model and the rules call it. */
  name: string
  /** For the model: what it does, what it answers, what its limits are. */
  description: string
  input: z.ZodMiniType
  /** What a call is about, for a person: `run: npm test`. */
  title(input: unknown): string
  /** What a rule's pattern matches: the command line, the path. */
  subject(input: unknown): string
  /** Whether a call waits for a person when no rule decides it. */
  needs(input: unknown): 'nothing' | 'approval'
  /** Does it. What it answers goes to the model; what it throws goes there as a failed call, by its message. */
  run(input: unknown, context: ToolContext): Promise<string>
}

export interface ToolContext {
  /** Ends when the turn is stopped. */
  signal: AbortSignal
  /** Asks the laptop that asked the question; null when the question offered none. */
  client: ((tool: ClientTool, input: unknown) => Promise<string>) | null
}

/** A tool with its input's own type. The caller has validated every input by `input`. */
interface Definition<Input extends z.ZodMiniType> extends Omit<Tool, 'title' | 'subject' | 'needs' | 'run'> {
  input: Input
  title(input: z.output<Input>): string
  subject(input: z.output<Input>): string
  needs(input: z.output<Input>): 'nothing' | 'approval'
  run(input: z.output<Input>, context: ToolContext): Promise<string>
}

/** Keeps a definition typed by its input, and forgets that type outside. */
export function tool<Input extends z.ZodMiniType>(definition: Definition<Input>): Tool {
  return definition as Tool
}
