// What was said and done, top to bottom, built from the events of a session. A piece of an answer costs the same however
// long the transcript is: whole lines are put at the end, and only the last one is still open.

import { staysInCode } from './markdown.ts'

export type Item =
  | { kind: 'question'; text: string; attachments: readonly string[] }
  /** A line of an answer; `inCode`: it stands inside of a code block. */
  | { kind: 'answer'; text: string; inCode: boolean }
  | { kind: 'tool'; call: string; title: string; state: ToolState; output: string }
  | { kind: 'diff'; text: string }
  | { kind: 'note'; text: string; tone: Tone }

export type ToolState = 'running' | 'waiting' | 'done' | 'failed' | 'stopped'
export type Tone = 'quiet' | 'good' | 'bad'

export interface Transcript {
  /** Shared with earlier transcripts, which see the first `length` of them only. */
  items: readonly Item[]
  length: number
  /** The line of an answer that is still being written; null between answers. */
  open: { text: string; inCode: boolean } | null
}

export const emptyTranscript: Transcript = { items: [], length: 0, open: null }

/** Longer lines are closed at a word's end: an answer without a single newline shall not get slower with its length. */
const longestOpen = 4_000

/** Puts an item at the end; the open line of an answer ends before it. */
export function put(transcript: Transcript, item: Item): Transcript {
  return push(closed(transcript), item)
}

/** Adds a piece of an answer. */
export function addText(transcript: Transcript, piece: string): Transcript {
  const lines = piece.split('\n')
  let next = extend(transcript, lines[0] ?? '')
  for (const line of lines.slice(1)) next = extend(newLine(next), line)
  return next
}

/** Changes the tool call that is meant, wherever it stands. */
export function changeTool(transcript: Transcript, call: string, state: ToolState, output = ''): Transcript {
  for (let index = transcript.length - 1; index >= 0; index--) {
    const item = transcript.items[index]
    if (item?.kind !== 'tool' || item.call !== call) continue
    const items = transcript.items.slice(0, transcript.length)
    items[index] = { ...item, state, output }
    return { ...transcript, items }
  }
  return transcript
}

/** Calls that have no result when their turn ends never get one. */
export function stopTools(transcript: Transcript): Transcript {
  const open = transcript.items
    .slice(0, transcript.length)
    .filter(item => item.kind === 'tool' && (item.state === 'running' || item.state === 'waiting'))
  return open.reduce((next, item) => (item.kind === 'tool' ? changeTool(next, item.call, 'stopped') : next), transcript)
}

/** Ends the open line. */
export function closed(transcript: Transcript): Transcript {
  const { open } = transcript
  if (!open) return transcript
  const ended = { ...transcript, open: null }
  return open.text === '' ? ended : push(ended, { kind: 'answer', ...open })
}

/** The last of all items, the open line included. */
export function itemAt({ items, length, open }: Transcript, index: number): Item | undefined {
  if (index < length) return items[index]
  return index === length && open ? openItem(open) : undefined
}

export const itemCount = ({ length, open }: Transcript) => length + (open ? 1 : 0)

const openItem = (open: NonNullable<Transcript['open']>): Item => ({ kind: 'answer', ...open })

function extend(transcript: Transcript, piece: string): Transcript {
  const { open } = transcript
  // Models like to begin with empty lines; nothing is shown for them.
  if (!open && piece === '') return transcript
  const text = (open?.text ?? '') + piece
  const inCode = open?.inCode ?? false
  const cut = text.length > longestOpen ? text.lastIndexOf(' ') : -1
  if (cut <= 0) return { ...transcript, open: { text, inCode } }
  const full = push(transcript, { kind: 'answer', text: text.slice(0, cut), inCode })
  return { ...full, open: { text: text.slice(cut + 1), inCode } }
}

function newLine(transcript: Transcript): Transcript {
  const { open } = transcript
  if (!open) return transcript
  const next = push(transcript, { kind: 'answer', ...open })
  return { ...next, open: { text: '', inCode: staysInCode(open.text, open.inCode) } }
}

/** The newest transcript grows the shared list; an older one gets a list of its own. */
function push(transcript: Transcript, item: Item): Transcript {
  const { items, length } = transcript
  const own = items.length === length && length > 0 ? (items as Item[]) : items.slice(0, length)
  own.push(item)
  return { ...transcript, items: own, length: length + 1 }
}
