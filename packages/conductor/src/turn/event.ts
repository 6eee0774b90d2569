// What a turn's events hold in the log. It is what the contract shows, and what only the machine needs to go on.

import type { Attachment, EventBody, Mode, SessionEvent, Usage } from '@spoq/contracts/session'
import type { ModelMessage } from 'ai'
import type { Stored } from '../log/index.ts'
import type { ReadBody } from './told.ts'

export type Shown<Type extends EventBody['type']> = Extract<EventBody, { type: Type }>

/** All that was asked: the turn is run, and after a restart gone on with, by this alone. */
export interface QueuedBody {
  type: 'turn.queued'
  question: string
  attachments: Attachment[]
  /** As it was asked for; null for the machine's own choice. */
  model: string | null
  client: { directory: string } | null
  approve: string[]
  mode: Mode
}

/** One model call ended. `messages` are the model SDK's own, so that the next call continues exactly. */
export interface StepBody {
  type: 'step.done'
  messages: ModelMessage[]
  usage: Usage
  model?: string
  costMicros?: number | null
}

/** A call waits for a person. */
export interface RequestedBody extends Shown<'approval.requested'> {
  /** The state of the file that the diff was made from. */
  base?: string | undefined
  /** The folder of the workspace that a rule of the scope `project` is kept for. */
  folder?: string
}

type Kept = QueuedBody | StepBody | RequestedBody | ReadBody
export type TurnBody = Exclude<EventBody, { type: Kept['type'] }> | Kept
export type TurnEvent = Stored<TurnBody> & { turn: string }

export const endTypes: ReadonlySet<string> = new Set(['turn.done', 'turn.error', 'turn.aborted'])

/** Whether it tells of a call of the model that was paid for. */
export const isCall = (body: TurnBody): body is StepBody | Shown<'context.compacted'> =>
  body.type === 'step.done' || body.type === 'context.compacted'

/** An event as clients see it: without the texts that they sent, or that only the model needs. */
export function shown(session: string, event: TurnEvent): SessionEvent {
  return { id: event.id, session, turn: event.turn, at: event.at, ...shownBody(event.body) }
}

function shownBody(body: TurnBody): EventBody {
  if (body.type === 'turn.queued')
    return { type: body.type, question: body.question, attachments: body.attachments.map(({ name }) => name) }
  if (body.type === 'step.done') {
    const { messages: _, ...rest } = body
    return rest
  }
  if (body.type === 'instructions.read')
    return {
      ...body,
      files: body.files.map(({ text: _, ...file }) => file),
      skills: body.skills.map(({ name }) => name),
    }
  if (body.type === 'approval.requested') {
    const { base: _, folder: __, ...rest } = body
    return rest
  }
  return body
}
