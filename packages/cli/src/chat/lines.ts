// Each item of the transcript as lines of the screen.

import { spelledOut } from '../render/visible.ts'
import { markdownLine } from './markdown.ts'
import { fit, type Row, type Style, span, wrap } from './row.ts'
import type { Item, Tone, ToolState } from './transcript.ts'

/** An item never changes, so its lines are made once a width. */
const made = new WeakMap<Item, { width: number; rows: readonly Row[] }>()

/** The lines of an item, none wider than `width`. */
export function linesOf(item: Item, width: number): readonly Row[] {
  const known = made.get(item)
  if (known?.width === width) return known.rows
  const rows = linesOfKind(item, width)
  made.set(item, { width, rows })
  return rows
}

function linesOfKind(item: Item, width: number): Row[] {
  switch (item.kind) {
    case 'question':
      return [[], ...questionLines(item.text, width), ...item.attachments.map(name => attached(name, width)), []]
    case 'answer': {
      const { row, hang } = markdownLine(item.text, item.inCode)
      return wrap(row, width, hang)
    }
    case 'tool':
      return toolLines(item, width)
    case 'diff':
      return item.text.split('\n').flatMap(line => wrap([span(`  ${spelledOut(line)}`, diffStyle(line))], width, 4))
    case 'note':
      return wrap([span(item.text, noteStyles[item.tone])], width, 2)
  }
}

function questionLines(text: string, width: number): Row[] {
  const mark = span('› ', 'accent')
  const lines = text.split('\n').flatMap(line => wrap([span(line, 'bold')], Math.max(1, width - 2)))
  return lines.map((line, index) => fit([index === 0 ? mark : span('  '), ...line], width))
}

const attached = (name: string, width: number) => fit([span(`  with ${spelledOut(name)}`, 'dim')], width)

function toolLines({ title, state, output }: Item & { kind: 'tool' }, width: number): Row[] {
  const [sign, style] = toolSigns[state]
  const line = fit([span(`${sign} `, style), span(spelledOut(title).replace(/\s+/g, ' '), 'dim')], width)
  if (state !== 'failed' || output === '') return [line]
  return [line, fit([span(`  ${spelledOut(output.slice(0, 1_000)).replace(/\s+/g, ' ')}`, 'bad')], width)]
}

const toolSigns: Record<ToolState, [string, Style]> = {
  running: ['·', 'accent'],
  waiting: ['?', 'accent'],
  done: ['✓', 'good'],
  failed: ['✗', 'bad'],
  stopped: ['-', 'dim'],
}

const noteStyles: Record<Tone, Style> = { quiet: 'dim', good: 'good', bad: 'bad' }

function diffStyle(line: string): Style {
  if (/^(?:\+\+\+|---|@@)/.test(line)) return 'dim'
  if (line.startsWith('+')) return 'good'
  return line.startsWith('-') ? 'bad' : 'plain'
}
