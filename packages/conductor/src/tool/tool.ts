// What a tool is: something the model may call. The turn validates the input, asks where it must, and runs it.

import type { ClientTool } from '@spoq/contracts/session'
import type * as z from 'zod/mini'
import type { Does, Subject } from '../permit/index.ts'

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
  /** What kind of thing that is. */
  kind: Subject['kind']
  /** What its calls do: by this a mode decides whether a person is asked. */
  does: Does
  /** The folder of the workspace that a call acts in; default: the workspace itself. */
  folder?(input: unknown): string
  /** What a call would change, without changing it. @throws when it could not be done. */
  preview?(input: unknown): Promise<Preview>
  /** Does it. What it answers goes to the model; what it throws goes there as a failed call, by its message. */
  run(input: unknown, context: ToolContext): Promise<string>
}

/** What a person is shown before a call that changes a file. */
export interface Preview {
  /** A unified diff. */
  diff: string
  /** The file's state that it was made from; a call that was allowed on sight of it runs on no other. */
  base: string
}

export interface ToolContext {
  /** Whose call it is. */
  origin: { session: string; turn: string; call: string }
  /** Of the preview on which a person decided; undefined when nobody was asked. */
  base: string | undefined
  /** Ends when the turn is stopped. */
  signal: AbortSignal
  /** Asks the laptop that asked the question; null when the question offered none. */
  client: ((tool: ClientTool, input: unknown) => Promise<string>) | null
}

/** A tool with its input's own type. The caller has validated every input by `input`. */
interface Definition<Input extends z.ZodMiniType>
  extends Omit<Tool, 'title' | 'subject' | 'folder' | 'preview' | 'run'> {
  input: Input
  title(input: z.output<Input>): string
  subject(input: z.output<Input>): string
  folder?(input: z.output<Input>): string
  preview?(input: z.output<Input>): Promise<Preview>
  run(input: z.output<Input>, context: ToolContext): Promise<string>
}

/** Keeps a definition typed by its input, and forgets that type outside. */
export function tool<Input extends z.ZodMiniType>(definition: Definition<Input>): Tool {
  return definition as Tool
}
