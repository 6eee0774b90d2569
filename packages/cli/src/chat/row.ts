// Text with styles, measured in the cells of a terminal. Nothing gets onto the screen but through here, and no control
// character gets through.

import { eastAsianWidth } from 'get-east-asian-width'
import { visible } from '../render/visible.ts'

export type Style = 'plain' | 'bold' | 'italic' | 'dim' | 'code' | 'heading' | 'accent' | 'good' | 'bad' | 'chosen'

export interface Span {
  text: string
  style: Style
}

/** One line of the screen, or a line of text before it is wrapped. */
export type Row = readonly Span[]

export const span = (text: string, style: Style = 'plain'): Span => ({ text, style })

/** What a person sees as one character, and how many cells of a terminal it takes. */
interface Glyph {
  text: string
  cells: number
  style: Style
}

const printable = /^[ -~]*$/
const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' })

/** How many cells a text takes. */
export function cells(text: string): number {
  if (printable.test(text)) return text.length
  return glyphsOf(span(text)).reduce((sum, glyph) => sum + glyph.cells, 0)
}

/** A row in lines of at most `width` cells, broken between words where that is possible; later lines are indented by `hang`. */
export function wrap(row: Row, width: number, hang = 0): Row[] {
  const glyphs = row.flatMap(glyphsOf).filter(glyph => glyph.cells <= width)
  const indent = Math.min(hang, Math.max(0, width - 10))
  const rows: Row[] = []
  for (let start = 0; start < glyphs.length; ) {
    const end = breakAfter(glyphs, start, rows.length === 0 ? width : width - indent)
    const line = joined(glyphs.slice(start, end))
    rows.push(rows.length === 0 || indent === 0 ? line : [span(' '.repeat(indent)), ...line])
    start = end
    while (glyphs[start]?.text === ' ') start++
  }
  return rows.length > 0 ? rows : [[]]
}

function breakAfter(glyphs: readonly Glyph[], start: number, room: number): number {
  let used = 0
  let end = start
  let afterSpace = start
  for (; end < glyphs.length; end++) {
    used += glyphs[end]?.cells ?? 0
    if (used > room) break
    if (glyphs[end]?.text === ' ') afterSpace = end + 1
  }
  if (end === glyphs.length || glyphs[end]?.text === ' ') return end
  return afterSpace > start ? afterSpace : Math.max(end, start + 1)
}

/** A row cut to one line of at most `width` cells, with an ellipsis where something is left out. */
export function fit(row: Row, width: number): Row {
  const glyphs = row.flatMap(glyphsOf)
  if (sum(glyphs) <= width) return joined(glyphs)
  if (width < 1) return []
  let end = 0
  for (let used = 0; used + (glyphs[end]?.cells ?? 0) <= width - 1; end++) used += glyphs[end]?.cells ?? 0
  return joined([...glyphs.slice(0, end), { text: '…', cells: 1, style: glyphs[end]?.style ?? 'plain' }])
}

/** How many cells a row takes. */
export const rowCells = (row: Row) => sum(row.flatMap(glyphsOf))

const sum = (glyphs: readonly Glyph[]) => glyphs.reduce((total, glyph) => total + glyph.cells, 0)

function joined(glyphs: readonly Glyph[]): Row {
  const spans: Span[] = []
  for (const { text, style } of glyphs) {
    const last = spans.at(-1)
    if (last?.style === style) last.text += text
    else spans.push({ text, style })
  }
  return spans
}

function glyphsOf({ text, style }: Span): Glyph[] {
  if (printable.test(text)) return Array.from(text, char => ({ text: char, cells: 1, style }))
  const clean = visible(text.toWellFormed()).replace(/\t/g, '    ').replace(lineEnds, ' ')
  return Array.from(segmenter.segment(clean), ({ segment }) => ({ text: segment, cells: cellsOf(segment), style }))
}

/** What ends a line; the other control characters are taken out before. */
const lineEnds = /[\n\u2028\u2029]/g
const unseen = /^[\p{M}\p{Cf}\p{Default_Ignorable_Code_Point}]+$/u
const emoji = /^\p{RGI_Emoji}$/v

function cellsOf(grapheme: string): number {
  if (unseen.test(grapheme)) return 0
  if (emoji.test(grapheme)) return 2
  return eastAsianWidth(grapheme.codePointAt(0) ?? 0)
}
