import type { Mode, Session } from '@spoq/contracts/session'
import { type Editor, empty } from './editor.ts'
import { emptyTranscript, type Transcript } from './transcript.ts'

/** Everything the chat knows. `reduce` makes the next one; `view` shows it. */
export interface State {
  /** The command's name, `spoq` or `sparebox`. */
  bin: string
  /** The machine's name. */
  machine: string
  /** Null before the first question of a new session was accepted. */
  session: string | null
  /** The id of the last event that was taken in. */
  lastEvent: number
  transcript: Transcript
  /** Accepted, and behind the turn that runs. */
  queued: readonly Queued[]
  /** Sent, and not yet accepted. */
  sending: readonly Sending[]
  /** The turn that runs or waits for an approval. */
  turn: { id: string; model: string; since: number } | null
  /** Those that wait for an answer, the oldest first. */
  approvals: readonly Approval[]
  spent: { inputTokens: number; outputTokens: number; costMicros: number }
  /** `lost`: and no waiting puts it right. */
  connection: 'connected' | 'away' | 'lost'
  /** What is wrong with the connection. */
  trouble: string
  /** What /model said; null: the machine's own choice. */
  model: string | null
  /** What answered last. */
  answeredBy: string | null
  mode: Mode
  /** Said here and not yet told to the machine: it goes with the next question. */
  newMode: boolean
  editor: Editor
  /** What was asked here, oldest first; `at` is the one that is shown, `draft` what was being written before. */
  history: { past: readonly string[]; at: number | null; draft: string }
  picker: { sessions: readonly Session[]; chosen: number } | null
  /** The last line that is shown, when that is not the end. */
  scroll: { item: number; row: number } | null
  /** The turn was told to stop. */
  stopping: boolean
  /** Ctrl-C was pressed, and once more leaves. */
  leaving: boolean
  size: Size
  /** Milliseconds since 1970, as of the last message that told. */
  now: number
  nextId: number
}

export interface Size {
  columns: number
  rows: number
}

export interface Queued {
  turn: string
  question: string
  attachments: readonly string[]
}

export interface Sending {
  id: number
  text: string
}

export interface Approval {
  approval: string
  call: string
  tool: string
  title: string
  reason: string
  /** What an answer for longer than once would hold for; empty when it is asked every time. */
  rule: string
  diff: string | null
  /** Since when it is on the screen. */
  since: number
  /** An answer from here is on its way. */
  answering: boolean
}

export interface Start {
  bin: string
  machine: string
  model: string | null
  mode: Mode | null
  size: Size
  now: number
}

export function startState({ bin, machine, model, mode, size, now }: Start): State {
  return {
    bin,
    machine,
    model,
    size,
    now,
    mode: mode ?? 'ask',
    newMode: mode !== null,
    editor: empty,
    history: { past: [], at: null, draft: '' },
    nextId: 1,
    ...fresh,
  }
}

/** What begins anew with each session. */
export const fresh = {
  session: null,
  lastEvent: 0,
  transcript: emptyTranscript,
  queued: [],
  sending: [],
  turn: null,
  approvals: [],
  spent: { inputTokens: 0, outputTokens: 0, costMicros: 0 },
  connection: 'connected',
  trouble: '',
  answeredBy: null,
  picker: null,
  scroll: null,
  stopping: false,
  leaving: false,
} as const satisfies Partial<State>
