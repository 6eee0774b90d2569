import * as z from 'zod/mini'
import { instant } from '../http/shape.ts'
import { messageUse } from '../message/message.ts'
import { mode } from './approval.ts'
import { sessionId, turnId } from './event.ts'

/** Most that a question with all its attachments may hold, in bytes. */
export const maxQuestionBytes = 4 << 20

/** Images that models take. */
export const imageTypes = ['image/png', 'image/jpeg', 'image/webp', 'image/gif'] as const

/**
 * Something named with the question (`-f file:10-20`, `@path`, stdin): its text travels with it.
 */
export const attachment = z.object({
  name: z.string().check(z.maxLength(1024)),
  text: z.string(),
  /** First and last line, counted from 1, when only a part was sent. */
  lines: z.optional(z.tuple([z.number(), z.number()])),
  /** An image instead of a text, which is empty then; `data` in base64. */
  media: z.optional(z.object({ type: z.enum(imageTypes), data: z.base64() })),
})
export type Attachment = z.infer<typeof attachment>

export const question = z.object({
  question: z.string().check(z.minLength(1)),
  /** Go on in this session; default: a new one. */
  session: z.optional(sessionId),
  /** Default: the machine's own choice. `demo` is always there. */
  model: z.optional(z.string()),
  attachments: z._default(z.array(attachment).check(z.maxLength(1000)), []),
  /** The computer that asks offers its files, read-only; without it those tools do not exist in the turn. */
  client: z.optional(z.object({ directory: z.string() })),
  /** How far the agent may go by itself, from this turn on; default: as the session's last turn, at first `ask`. */
  mode: z.optional(mode),
  /**
   * Decided beforehand: what the tools may do without asking. Rules `tool` or `tool(pattern)`, `*` in a pattern
   * matching anything: `run(npm *)`. `deny` alone refuses whatever would be asked, also what another rule allows.
   */
  approve: z._default(z.array(z.string().check(z.maxLength(4096))).check(z.maxLength(1000)), []),
})
export type Question = z.infer<typeof question>
export type QuestionInput = z.input<typeof question>

export const accepted = z.object({
  session: sessionId,
  turn: turnId,
  /** The id of the last event before this turn's first: read the session's events after it. */
  after: z.number(),
  /** When nine of ten messages of the month are used, or more. */
  messages: z.optional(messageUse),
})
export type Accepted = z.infer<typeof accepted>

export const session = z.object({
  id: sessionId,
  /** The first line of the first question. */
  title: z.string(),
  state: z.enum(['idle', 'running', 'waiting']),
  mode,
  lastEvent: z.number(),
  createdAt: instant,
  updatedAt: instant,
})
export type Session = z.infer<typeof session>

/** Where words were found. */
export const sessionMatch = z.object({
  session: sessionId,
  title: z.string(),
  turn: turnId,
  part: z.enum(['question', 'answer']),
  at: instant,
  /** The place, with what matches marked. */
  snippet: z.array(z.object({ text: z.string(), matches: z.boolean() })),
})
export type SessionMatch = z.infer<typeof sessionMatch>

/** An event as the machine keeps it, with the texts that clients sent and the model's own messages. */
export const exportedEvent = z.object({
  id: z.number(),
  turn: z.nullable(z.string()),
  at: instant,
  body: z.looseObject({ type: z.string() }),
})
export type ExportedEvent = z.infer<typeof exportedEvent>
