// Reads a command line as a shell would take it apart: far enough to see which programs it starts, and with what. It runs
// and expands nothing; what is only known at run time is marked as such.

import { readWord, type Word } from './shell-word.ts'

export type { Word } from './shell-word.ts'

/** What stands before a command: `cd x && rm`, `curl | sh`. */
export type Joint = '' | ';' | '&' | '&&' | '||' | '|'

export interface Command {
  words: Word[]
  /** What its output goes to, `2>&1` not counted. */
  writes: Word[]
  joint: Joint
  /** How many subshells it stands in. */
  depth: number
  /** The text of its here-document. */
  input: string | null
}

export interface Script {
  commands: Command[]
  /** Whether all of it was understood. */
  clear: boolean
}

/** Where the reading of a text stands. */
export interface Reading extends Script {
  text: string
  at: number
  depth: number
  current: Command
  /** Here-documents whose text begins on the next line. */
  awaited: { command: Command; end: string; quoted: boolean }[]
}

/** Takes a command line apart, with the commands in its substitutions. */
export function readScript(text: string): Script {
  const reading = beginReading(text)
  while (reading.at < reading.text.length) step(reading)
  finish(reading, '')
  const { commands, clear, awaited, depth } = reading
  return { commands, clear: clear && awaited.length === 0 && depth === 0 }
}

/** Reads the commands up to a closing bracket, and says how long they are. */
export function readBracketed(text: string): Script & { length: number } {
  const reading = beginReading(text)
  const isEnd = () => reading.depth === 0 && reading.text[reading.at] === ')'
  while (reading.at < reading.text.length && !isEnd()) step(reading)
  const closed = isEnd()
  finish(reading, '')
  return { commands: reading.commands, clear: reading.clear && closed, length: reading.at }
}

/** A text to be read from its beginning. */
export function beginReading(text: string): Reading {
  return { text, at: 0, depth: 0, clear: true, commands: [], awaited: [], current: empty('', 0) }
}

const empty = (joint: Joint, depth: number): Command => ({ words: [], writes: [], joint, depth, input: null })

const blank = /^(?:[ \t]|\\\n)+|^#[^\n]*/
const redirection = /^(?:\d*(?:<<<|<<-?|<>|[<>]&|>\||>>|<(?!\()|>(?!\())|&>>?)/
const joints = /^(?:&&|\|\||\|&|;;|[;&|\n()])/

function step(reading: Reading): void {
  const rest = reading.text.slice(reading.at)
  const space = blank.exec(rest)?.[0]
  const sign = redirection.exec(rest)?.[0]
  const joint = joints.exec(rest)?.[0]
  if (space) reading.at += space.length
  else if (sign) redirect(reading, sign)
  else if (joint) join(reading, joint)
  else addWord(reading)
}

function join(reading: Reading, sign: string): void {
  reading.at += sign.length
  const opens = sign === '('
  // A name before the bracket: a function is made, and what it does is not looked for.
  if (opens && reading.current.words.length > 0) reading.clear = false
  const kind: Joint = sign === '|&' ? '|' : ['\n', ';;', '(', ')'].includes(sign) ? ';' : (sign as Joint)
  finish(reading, opens && reading.current.words.length === 0 ? reading.current.joint : kind)
  if (opens) reading.depth += 1
  if (sign === ')') reading.depth -= 1
  if (reading.depth < 0) reading.clear = false
  reading.current.depth = reading.depth
  if (sign === '\n') for (const awaited of reading.awaited.splice(0)) hereDocument(reading, awaited)
}

function finish(reading: Reading, joint: Joint): void {
  const { words, writes } = reading.current
  if (words.length > 0 || writes.length > 0) reading.commands.push(reading.current)
  reading.current = empty(joint, reading.depth)
}

/** Words of the shell's own grammar: after the first ones another command begins, the second end one. */
const opening = new Set(['if', 'then', 'elif', 'else', 'while', 'until', 'do', '!', '{', 'time', 'coproc'])
const closing = new Set(['fi', 'done', '}', 'esac'])
const unread = new Set(['case', 'function', 'select', '[['])

function addWord(reading: Reading): void {
  const from = reading.at
  const word = readWord(reading)
  if (reading.current.words.length === 0 && !word.dynamic && word.text === reading.text.slice(from, reading.at)) {
    if (unread.has(word.text)) reading.clear = false
    if (opening.has(word.text) || closing.has(word.text)) return
  }
  reading.current.words.push(word)
}

function redirect(reading: Reading, sign: string): void {
  reading.at += sign.length
  reading.at += /^[ \t]*/.exec(reading.text.slice(reading.at))?.[0].length ?? 0
  const from = reading.at
  const target = readWord(reading)
  const isCopy = /[<>]&$/.test(sign) && /^(?:\d+|-)$/.test(target.text)
  if (sign.includes('<<<')) reading.current.input = target.dynamic ? null : target.text
  else if (sign.includes('<<')) {
    const quoted = /['"\\]/.test(reading.text.slice(from, reading.at))
    reading.awaited.push({ command: reading.current, end: target.text, quoted })
  } else if (sign.includes('>') && !isCopy) reading.current.writes.push(target)
}

function hereDocument(reading: Reading, { command, end, quoted }: Reading['awaited'][number]): void {
  const lines = reading.text.slice(reading.at).split('\n')
  const last = lines.findIndex(line => line.replace(/^\t+/, '') === end)
  if (last === -1) reading.clear = false
  const body = lines.slice(0, last === -1 ? lines.length : last).join('\n')
  reading.at += lines.slice(0, last === -1 ? lines.length : last + 1).join('\n').length
  command.input = body
  if (quoted) return
  const inside = beginReading(`"${body.replaceAll('"', '')}"`)
  readWord(inside)
  reading.commands.push(...inside.commands)
  reading.clear &&= inside.clear
}
