// What a file tool tells a model, the same words from the machine and from the laptop.

import type { Listing } from './glob.ts'
import type { Found } from './grep.ts'
import type { ReadText } from './read.ts'

/** The text, and what of the file it is when it is not all. */
export function showText(read: ReadText): string {
  if (read.kind === 'binary') return `[${read.path} is a binary file of ${read.bytes} bytes]`
  if (read.lines === 0) return '[the file is empty]'
  if (read.to < read.from) return `[no such lines, or the first is too long to show; the file has ${read.lines}]`
  if (read.from === 1 && read.to === read.lines) return read.text
  return `${endLine(read.text)}[lines ${read.from} to ${read.to} of ${read.lines}]`
}

/** A path a line. */
export function showListing({ paths, more }: Listing): string {
  if (paths.length === 0) return more ? '[the time was over before anything matched]' : '[no file matches]'
  return [...paths, ...(more ? ['[there are more: give a narrower pattern]'] : [])].join('\n')
}

/** `path:line: text`, a match a line. */
export function showFound({ matches, more }: Found): string {
  const lines = matches.map(match => `${match.path}:${match.line}: ${match.text}`)
  if (more === 'limit') lines.push('[there are more: give a narrower expression]')
  if (more === 'time') lines.push('[stopped, it took too long: give a simpler expression or fewer files]')
  return lines.length === 0 ? '[no line matches]' : lines.join('\n')
}

const endLine = (text: string) => (text === '' || text.endsWith('\n') ? text : `${text}\n`)
