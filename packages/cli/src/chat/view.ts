// The state as the lines of a screen: the transcript, what waits, what is being written, and the status. Pure.

import { approvalRows } from './approval-rows.ts'
import { inputRows } from './input-rows.ts'
import { linesOf } from './lines.ts'
import { pickerRows } from './picker-rows.ts'
import { fit, type Row, span } from './row.ts'
import type { State } from './state.ts'
import { statusRow } from './status-row.ts'
import { itemAt, itemCount } from './transcript.ts'

export interface Screen {
  /** Exactly as many as the screen has, none wider than it is. */
  rows: readonly Row[]
  /** Counted from 0; null: hidden. */
  cursor: { row: number; column: number } | null
}

/** What the screen shows. */
export function view(state: State): Screen {
  const { columns, rows: height } = state.size
  const input = inputRows(state, Math.max(1, Math.floor(height / 3)))
  const below = [...input.rows, statusRow(state)].slice(-height)
  const above = Math.max(0, height - below.length)
  const panel = state.picker ? [] : panelRows(state).slice(0, Math.max(0, above - 1))
  const room = above - panel.length
  const body = state.picker ? pickerRows(state.picker, columns, room) : transcriptRows(state, room)
  const filled = [...body, ...blank(room - body.length), ...panel, ...below]
  const row = height - 1 - input.rows.length + input.cursor.row
  return { rows: filled, cursor: state.picker || row < 0 ? null : { row, column: input.cursor.column } }
}

const blank = (rows: number): Row[] => Array.from({ length: Math.max(0, rows) }, () => [])

/** From the last line that is shown upwards: what is further up costs nothing. */
function transcriptRows({ transcript, scroll, size }: State, room: number): Row[] {
  const parts: (readonly Row[])[] = []
  let left = room
  let end = scroll?.row
  for (let index = scroll?.item ?? itemCount(transcript) - 1; index >= 0 && left > 0; index--) {
    const item = itemAt(transcript, index)
    const lines = item ? linesOf(item, size.columns) : []
    const part = lines.slice(0, end === undefined ? undefined : end + 1).slice(-left)
    parts.push(part)
    left -= part.length
    end = undefined
  }
  return parts.toReversed().flat()
}

/** What waits: questions behind the running turn, those on their way, and the approval that a person decides on. */
function panelRows(state: State): Row[] {
  const { queued, sending, size } = state
  const waiting = [
    ...queued.map(({ question }) => fit([span('queued  ', 'dim'), span(oneLine(question), 'dim')], size.columns)),
    ...sending.map(({ text }) => fit([span('sending ', 'dim'), span(oneLine(text), 'dim')], size.columns)),
  ]
  return [...approvalRows(state), ...waiting]
}

const oneLine = (text: string) => text.slice(0, 500).replace(/\s+/g, ' ')
