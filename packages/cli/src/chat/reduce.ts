// The one place where the state of the chat changes: a message comes in, the next state and what is to be done come out.
// Pure; `run-effect.ts` does.

import type { SpoqError } from '@spoq/contracts/problem'
import type { Session, SessionEvent } from '@spoq/contracts/session'
import { editorWith, insert } from './editor.ts'
import type { Key } from './keys.ts'
import { onEvent } from './on-event.ts'
import { onKey } from './on-key.ts'
import { clampScroll } from './scroll.ts'
import { fresh, type Size, type State } from './state.ts'
import { act, type Step, say } from './step.ts'
import type { Tone } from './transcript.ts'

export type Message =
  | { type: 'event'; event: SessionEvent }
  | { type: 'key'; key: Key }
  | { type: 'paste'; text: string }
  | { type: 'size'; size: Size }
  /** Time goes on while something is being done. */
  | { type: 'tick' }
  | { type: 'connection'; connection: State['connection']; trouble?: string }
  /** A session was opened, a new one made by a question included. */
  | { type: 'opened'; session: Pick<Session, 'id' | 'mode'>; keep: boolean }
  /** What comes next begins a new session. */
  | { type: 'renewed' }
  | { type: 'accepted'; id: number }
  | { type: 'refused'; id: number; text: string; error: SpoqError }
  | { type: 'answer-failed'; approval: string; error: SpoqError }
  | { type: 'abort-failed'; error: SpoqError }
  | { type: 'sessions'; sessions: readonly Session[] }
  | { type: 'say'; text: string; tone: Tone }

/** What a message makes of the state. @param now milliseconds since 1970 */
export function reduce(before: State, message: Message, now: number): Step {
  const state = { ...before, now }
  switch (message.type) {
    case 'event':
      return only(onEvent(state, message.event))
    case 'key':
      return onKey(state, message.key)
    case 'paste':
      return only({ ...state, leaving: false, editor: insert(state.editor, message.text) })
    case 'size':
      return only(clampScroll({ ...state, size: message.size }))
    case 'tick':
      return only(state)
    case 'connection':
      return only({ ...state, connection: message.connection, trouble: message.trouble ?? '' })
    case 'opened':
      return only(opened(state, message))
    case 'renewed':
      return only(say({ ...state, ...fresh, newMode: true }, 'A new session. The one before is in /sessions.', 'quiet'))
    case 'accepted':
      return only({ ...state, sending: state.sending.filter(({ id }) => id !== message.id) })
    case 'refused':
      return only(refused(state, message))
    case 'answer-failed':
      return only(answerFailed(state, message))
    case 'abort-failed':
      return only(say({ ...state, stopping: false }, told(message.error), 'bad'))
    case 'sessions':
      return only(
        message.sessions.length === 0
          ? say(state, 'There is no session on this machine yet.', 'quiet')
          : { ...state, picker: { sessions: message.sessions, chosen: 0 } },
      )
    case 'say':
      return only(say(state, message.text, message.tone))
  }
}

const only = (state: State): Step => act(state)

/** `keep`: it is the session that a question has just begun, and what stands here belongs to it. */
function opened(state: State, { session, keep }: Message & { type: 'opened' }): State {
  if (keep) return { ...state, session: session.id }
  const { mode, newMode } = state
  // What --mode said goes with the first question; what was chosen in one session does not follow into another.
  const asked = newMode && state.session === null ? { mode, newMode } : { mode: session.mode, newMode: false }
  return { ...state, ...fresh, ...asked, session: session.id }
}

/** A question that did not arrive is written again, to be sent again; what is being written stays. */
function refused(state: State, { id, text, error }: Message & { type: 'refused' }): State {
  const sending = state.sending.filter(one => one.id !== id)
  const editor = state.editor.text === '' ? editorWith(text) : state.editor
  return say({ ...state, sending, editor, newMode: true }, `Not sent. ${told(error)}`, 'bad')
}

/** Whoever answers second is told; the event with the first answer comes, or came, by itself. */
function answerFailed(state: State, { approval, error }: Message & { type: 'answer-failed' }): State {
  const lost = error.code === 'approval_answered' || error.code === 'approval_not_found'
  const approvals = state.approvals.flatMap(one => {
    if (one.approval !== approval) return [one]
    return lost ? [] : [{ ...one, answering: false }]
  })
  const text = lost ? 'Your answer came too late: it was answered from elsewhere.' : told(error)
  return say({ ...state, approvals }, text, lost ? 'quiet' : 'bad')
}

const told = ({ message, next }: SpoqError) => `${message} ${next}`
