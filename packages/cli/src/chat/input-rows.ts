import { cells, fit, type Row, span, wrap } from './row.ts'
import type { State } from './state.ts'

interface Input {
  rows: Row[]
  cursor: { row: number; column: number }
}

/** The line that is being written below a rule; of a long text the part around the cursor, at most `most` lines. */
export function inputRows({ editor, size, scroll }: State, most: number): Input {
  const { columns } = size
  const label = scroll ? '── more below: PageDown ' : ''
  const rule = fit([span(label, 'accent'), span('─'.repeat(Math.max(0, columns - label.length)), 'dim')], columns)
  const { text, at } = aroundCursor(editor)
  const { lines, cursor } = laidOut(text, at, Math.max(1, columns - 2))
  const first = Math.max(0, Math.min(cursor.row - Math.floor(most / 2), lines.length - most))
  const shown = lines.slice(first, first + most).map((line, index) => {
    const mark = span(first + index === 0 ? '› ' : '  ', 'accent')
    return fit([mark, span(line)], columns)
  })
  const hint = fit([span('› ', 'accent'), span('Ask anything; /help', 'dim')], columns)
  return {
    rows: [rule, ...(text === '' ? [hint] : shown)],
    cursor: { row: 1 + cursor.row - first, column: Math.min(columns - 1, 2 + cursor.column) },
  }
}

/** More than any screen holds to each side of the cursor. */
const aroundLength = 20_000

function aroundCursor({ text, at }: State['editor']): State['editor'] {
  const from = Math.max(0, at - aroundLength)
  return { text: text.slice(from, at + aroundLength), at: at - from }
}

/** A text broken into lines of at most `width` cells, wherever that is: every character keeps its place. */
function laidOut(text: string, at: number, width: number) {
  const lines: string[] = []
  let cursor = { row: 0, column: 0 }
  let place = 0
  for (const line of text.split('\n')) {
    const column = at - place
    if (column >= 0 && column <= line.length) cursor = placeOf(line.slice(0, column), width, lines.length)
    const broken = chunks(line, width)
    lines.push(...broken)
    place += line.length + 1
  }
  while (lines.length <= cursor.row) lines.push('')
  return { lines, cursor }
}

function placeOf(before: string, width: number, above: number) {
  const broken = chunks(before, width)
  const column = cells(broken.at(-1) ?? '')
  return column < width ? { row: above + broken.length - 1, column } : { row: above + broken.length, column: 0 }
}

/** Pieces of a line as wide as there is room; spaces count like any other character. */
function chunks(line: string, width: number): string[] {
  const marked = line.replaceAll(' ', '\u00a0')
  return wrap([span(marked)], width).map(row => row.map(({ text }) => text.replaceAll('\u00a0', ' ')).join(''))
}
