// Looking back: which line of the transcript is the last one shown. It stays where it is while more is written below.

import { linesOf } from './lines.ts'
import type { State } from './state.ts'
import { itemAt, itemCount } from './transcript.ts'

type Place = { item: number; row: number }

/** Moves the view by so many lines, up when negative. Beyond the end it follows the end again. */
export function scrollBy(state: State, by: number): State {
  const place = moved(state, state.scroll ?? endOf(state), by)
  return clampScroll({ ...state, scroll: place })
}

export const scrollToEnd = (state: State): State => ({ ...state, scroll: null })
export const scrollToStart = (state: State): State => clampScroll({ ...state, scroll: { item: 0, row: 0 } })

/** A view that looks back shows a full screen, and one that reaches the end is not looking back. */
export function clampScroll(state: State): State {
  if (!state.scroll) return state
  const first = moved(state, { item: 0, row: 0 }, windowRows(state) - 1)
  const place = isBefore(state.scroll, first) ? first : state.scroll
  return { ...state, scroll: isBefore(place, endOf(state)) ? place : null }
}

/** About how many lines of the transcript are shown while looking back. */
const windowRows = ({ size }: State) => Math.max(1, size.rows - 4)

function moved(state: State, from: Place, by: number): Place {
  let { item, row } = from
  for (let left = Math.abs(by); left > 0; left--) {
    if (by > 0 && row + 1 < rowsAt(state, item)) row += 1
    else if (by > 0 && item + 1 < itemCount(state.transcript)) [item, row] = [item + 1, 0]
    else if (by < 0 && row > 0) row -= 1
    else if (by < 0 && item > 0) [item, row] = [item - 1, rowsAt(state, item - 1) - 1]
    else break
  }
  return { item, row }
}

function endOf(state: State): Place {
  const item = Math.max(0, itemCount(state.transcript) - 1)
  return { item, row: rowsAt(state, item) - 1 }
}

const isBefore = (a: Place, b: Place) => a.item < b.item || (a.item === b.item && a.row < b.row)

function rowsAt({ transcript, size }: State, index: number): number {
  const item = itemAt(transcript, index)
  return item ? Math.max(1, linesOf(item, size.columns).length) : 1
}
