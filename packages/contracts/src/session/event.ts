import * as z from 'zod/mini'
import { id, instant } from '../http/shape.ts'
import { errorCodes } from '../problem/index.ts'
import { decision, scope } from './approval.ts'
import { undone } from './undo.ts'

export const sessionId = id('sess')
export const turnId = id('turn')

/** Tokens of one model call or of a whole turn. */
export const usage = z.object({
  inputTokens: z.number(),
  outputTokens: z.number(),
  /** Of the input, what the vendor had cached. */
  cachedTokens: z.optional(z.number()),
})
export type Usage = z.infer<typeof usage>

/** The laptop's tools: answered by the CLI that asked, confined to its working directory. */
export const clientTool = z.enum(['read', 'glob', 'grep'])
export type ClientTool = z.infer<typeof clientTool>

/**
 * What a turn writes into the log of its session, as clients see it. The log is the truth: messages for the model, the
 * state of a turn and what a client shows are all read from it. The machine's own copy holds more (the attachments'
 * text, the model's own messages), which no client needs.
 */
export const eventBody = z.discriminatedUnion('type', [
  /** A question was accepted, with what is attached by its names. It waits when another turn of the session runs. */
  z.object({ type: z.literal('turn.queued'), question: z.string(), attachments: z.array(z.string()) }),
  z.object({ type: z.literal('turn.started'), model: z.string() }),
  /** Standing instructions were read: what the model is told in this turn beside the conversation. */
  z.object({
    type: z.literal('instructions.read'),
    files: z.array(z.object({ from: z.enum(['machine', 'client']), path: z.string(), sha256: z.string() })),
    /** The names of the skills that are there. */
    skills: z.array(z.string()),
    /** What was left out or cut, a line each. */
    notes: z.array(z.string()),
  }),
  /** What stands in the log up to and with `upTo` is told to the model by this summary from now on. */
  z.object({
    type: z.literal('context.compacted'),
    summary: z.string(),
    upTo: z.number(),
    /** Of the conversation, estimated. */
    tokensBefore: z.number(),
    tokensAfter: z.number(),
    /** Of the call that made the summary. */
    usage,
    model: z.string(),
    costMicros: z.nullable(z.number()),
  }),
  /** It did not answer, and the next one of the list was asked in its place. */
  z.object({ type: z.literal('model.fell_back'), from: z.string(), to: z.string(), reason: z.string() }),
  z.object({ type: z.literal('text.delta'), text: z.string() }),
  z.object({
    type: z.literal('tool.call'),
    call: z.string(),
    tool: z.string(),
    input: z.unknown(),
    /** What it is about, for a person: `run: npm test`. */
    title: z.string(),
  }),
  z.object({ type: z.literal('tool.result'), call: z.string(), output: z.string(), failed: z.boolean() }),
  z.object({
    type: z.literal('approval.requested'),
    approval: z.string(),
    call: z.string(),
    title: z.string(),
    reason: z.string(),
    /** Which tool it is for. */
    tool: z._default(z.string(), ''),
    /** What an edit would change, as a unified diff, cut where it is long; null where there is none to show. */
    diff: z._default(z.nullable(z.string()), null),
    /** What `session`, `project` and `always` would allow or deny from then on; empty when it is asked every time. */
    rule: z._default(z.string(), ''),
  }),
  z.object({
    type: z.literal('approval.answered'),
    approval: z.string(),
    decision,
    by: z.string(),
    /** Absent: once. */
    scope: z.optional(scope),
  }),
  /** The laptop is asked for something; it answers with `answerClientRequest`. */
  z.object({ type: z.literal('client.request'), request: z.string(), tool: clientTool, input: z.unknown() }),
  /** One model call ended. Which model answered it; its cost in micro-dollars is null when the price is not known. */
  z.object({
    type: z.literal('step.done'),
    usage,
    model: z.optional(z.string()),
    costMicros: z.optional(z.nullable(z.number())),
  }),
  z.object({ type: z.literal('turn.done'), model: z.string(), usage, costMicros: z.nullable(z.number()) }),
  z.object({ type: z.literal('turn.error'), code: z.enum(errorCodes), message: z.string(), next: z.string() }),
  z.object({ type: z.literal('turn.aborted'), by: z.string() }),
  /** What this turn's edits had changed was taken back; it comes after the turn's end. */
  z.object({ type: z.literal('edits.undone'), by: z.string(), ...undone.shape }),
])
export type EventBody = z.infer<typeof eventBody>

/** An event with its place in the log: `id` counts from 1 in each session, without a gap. */
export const sessionEvent = z.intersection(
  z.object({ id: z.number(), session: sessionId, turn: turnId, at: instant }),
  eventBody,
)
export type SessionEvent = z.infer<typeof sessionEvent>

/** The events after which a turn writes nothing more. */
export const turnEnds = ['turn.done', 'turn.error', 'turn.aborted'] as const
