// One line of an answer as a person reads it. Line by line, so that a streamed answer is never worked on twice.

import { type Row, type Span, span } from './row.ts'

export interface MarkdownLine {
  row: Row
  /** How far its further lines are indented when it is wrapped. */
  hang: number
}

const fenceMark = /^\s*(?:```|~~~)/

/** Whether a code block goes on after this line. */
export const staysInCode = (line: string, inCode: boolean) => (fenceMark.test(line) ? !inCode : inCode)

/** A line with its marks turned into styles: headings, lists, quotes, code, bold, links with their address. */
export function markdownLine(line: string, inCode: boolean): MarkdownLine {
  if (fenceMark.test(line)) return { row: [span(line.trim(), 'dim')], hang: 0 }
  if (inCode) return { row: [span(`  ${line}`, 'code')], hang: 2 }
  const [, heading] = /^#{1,6}\s+(.*)$/.exec(line) ?? []
  if (heading !== undefined) return { row: [span(heading.replace(/\*\*|`/g, ''), 'heading')], hang: 0 }
  if (/^\s*([-*_])(?:\s*\1){2,}\s*$/.test(line)) return { row: [span('────────', 'dim')], hang: 0 }
  const [, indent = '', mark, text = ''] = /^(\s*)([-*+]|\d{1,9}[.)]|>)\s+(.*)$/.exec(line) ?? []
  if (mark === undefined) return { row: inline(line), hang: 0 }
  const shown = mark === '>' ? '│' : /\d/.test(mark) ? mark : '•'
  return { row: [span(`${indent}${shown} `, 'dim'), ...inline(text)], hang: indent.length + shown.length + 1 }
}

/** Longer lines are no prose; they are shown as they are. */
const longestProse = 2_000
const marks = /`([^`]+)`|\*\*([^*]+)\*\*|(?<![\w*])\*([^*\s][^*]*)\*(?![\w*])|\[([^\]]+)\]\(([^)\s]+)\)/g

function inline(text: string): Span[] {
  if (text.length > longestProse) return [span(text)]
  const spans: Span[] = []
  let at = 0
  for (const match of text.matchAll(marks)) {
    if (match.index > at) spans.push(span(text.slice(at, match.index)))
    at = match.index + match[0].length
    const [, code, bold, italic, label, address] = match
    if (code !== undefined) spans.push(span(code, 'code'))
    else if (bold !== undefined) spans.push(span(bold, 'bold'))
    else if (italic !== undefined) spans.push(span(italic, 'italic'))
    // The address stands beside its label: a link cannot say that it leads elsewhere.
    else spans.push(span(label ?? '', 'bold'), span(` (${address})`, 'dim'))
  }
  if (at < text.length) spans.push(span(text.slice(at)))
  return spans
}
