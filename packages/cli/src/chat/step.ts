// A step of the chat: the next state, and what is to be done outside.

import type { Decision, Mode, Scope } from '@spoq/contracts/session'
import type { State } from './state.ts'
import { put, type Tone } from './transcript.ts'

export type Effect =
  | { do: 'ask'; id: number; text: string; model: string | null; mode: Mode | null }
  | { do: 'answer'; approval: string; decision: Decision; scope: Scope }
  | { do: 'abort' }
  | { do: 'list' }
  | { do: 'open'; session: string }
  | { do: 'new' }
  | { do: 'undo' }
  | { do: 'compact' }
  | { do: 'show-model' }
  | { do: 'suspend' }
  | { do: 'redraw' }
  | { do: 'leave' }

export interface Step {
  state: State
  effects: readonly Effect[]
}

export const act = (state: State, ...effects: Effect[]): Step => ({ state, effects })

/** Puts lines into the transcript that no event brought. */
export function say(state: State, text: string, tone: Tone): State {
  const transcript = text
    .split('\n')
    .reduce((next, line) => put(next, { kind: 'note', text: line, tone }), state.transcript)
  return { ...state, transcript, scroll: null }
}

/** Something runs, or waits to. */
export const isBusy = ({ turn, queued, sending }: State) => turn !== null || queued.length > 0 || sending.length > 0
