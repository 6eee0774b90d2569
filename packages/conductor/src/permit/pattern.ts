// Rules about tools: `tool` or `tool(pattern)`, and whether one matches a call.
//
// In a pattern `*` stands for anything, ` *` at its end also for nothing, and `\` before a character for that character.
// A rule that allows matches narrowly, one that denies or asks widely: see `allows` and `concerns`.

import { posix } from 'node:path'
import { programOf } from './program.ts'
import { readScript } from './shell.ts'

/** What a call is about, as far as rules see it. */
export interface Subject {
  tool: string
  kind: 'path' | 'command' | 'text'
  /** As the model wrote it. */
  text: string
  /** Of a path: what it really is below the workspace, links followed; null when it leads out. */
  real?: string | null
}

interface Rule {
  tool: string
  pattern: string | null
}

export function parseRule(text: string): Rule | null {
  const parts = /^([a-z][a-z0-9_]*)(?:\((.+)\))?$/s.exec(text)
  return parts ? { tool: parts[1] as string, pattern: parts[2] ?? null } : null
}

/**
 * Whether a rule lets a call through. A command line may hold more than one command: each must match by itself, and a
 * pattern with `*` never matches one in which the shell would compute or redirect anything. A path must match as it is
 * written and as it really is.
 */
export function allows(text: string, subject: Subject): boolean {
  const rule = parseRule(text)
  if (!rule || rule.tool !== subject.tool) return false
  const { pattern } = rule
  if (pattern === null || pattern === '*') return subject.kind !== 'path' || subject.real !== null
  if (subject.kind === 'path') return pathsOf(subject, true).every(path => fits(pattern, path))
  if (subject.kind === 'text' || isLiteral(pattern, subject.text)) return fits(pattern, subject.text)
  return commandsIn(subject.text).every(command => !computed.test(command) && fits(pattern, command))
}

/** Whether a rule names this very call, letter by letter, or everything its tool does. */
export function allowsExactly(text: string, { tool, text: called }: Subject): boolean {
  const rule = parseRule(text)
  if (rule?.tool !== tool) return false
  return rule.pattern === null || rule.pattern === '*' || isLiteral(rule.pattern, called)
}

/** Whether a rule that denies or asks is about a call: any part of it, in any way to write it. */
export function concerns(text: string, subject: Subject): boolean {
  const rule = parseRule(text)
  if (!rule || rule.tool !== subject.tool) return false
  const { pattern } = rule
  if (pattern === null) return true
  if (subject.kind === 'path')
    return pathsOf(subject, false).some(path => fits(pattern.toLowerCase(), path.toLowerCase()))
  if (subject.kind === 'text') return fits(pattern, subject.text)
  return [subject.text, ...commandsIn(subject.text), ...programsIn(subject.text)].some(line => fits(pattern, line))
}

/** What computes, redirects or joins in a shell; a backslash and a bracket hide such things. */
const computed = /[;&|`$<>\\\n\r(){}]/

/** Of which nothing is left but the command itself. */
const harmless = /\s+(?:[12]?>>?\s*\/dev\/null|&>\s*\/dev\/null|2>&1)(?=\s|$|[;|&])/g

/**
 * The commands of a line, cut at every sign that could join two, quoted or not: a cut too many makes pieces that match no
 * rule, never a command that is not seen.
 */
function commandsIn(text: string): string[] {
  const pieces = text.replace(harmless, '').split(/&&|\|\||[;|\n]/)
  return pieces.map(piece => piece.trim()).filter((piece, _, all) => piece !== '' || all.length === 1)
}

/** The programs that a line starts, without the quotes and the words that only stand before them. */
function programsIn(text: string): string[] {
  return readScript(text).commands.flatMap(({ words }) => {
    const { name, arguments: rest } = programOf(words)
    const tail = rest.map(word => word.text)
    return [[name, ...tail].join(' '), words.map(word => word.text).join(' ')]
  })
}

/** As it is written, tidied, and as it really is. With `strict`, one that climbs or leads out is none at all. */
function pathsOf({ text, real }: Subject, strict: boolean): string[] {
  const tidy = posix.normalize(text).replace(/^\.\/|\/$/g, '')
  const climbs = text.split('/').includes('..') || tidy.startsWith('/') || real === null
  if (strict && climbs) return ['\0']
  return [...new Set([tidy, real ?? tidy])]
}

const isLiteral = (pattern: string, text: string) => pattern === text || unescaped(pattern) === text

/** A pattern without stars as the text it means; null when it has one. */
function unescaped(pattern: string): string | null {
  const pieces = piecesOf(pattern)
  const [only = ''] = pieces
  return pieces.length === 1 ? only : null
}

/** A text as a pattern that matches nothing else. */
export const escapedPattern = (text: string) => text.replace(/[\\*]/g, '\\$&')

function piecesOf(pattern: string): string[] {
  const pieces: string[] = []
  let piece = ''
  for (const [part] of pattern.matchAll(/\\.|[^\\]|\\$/gs)) {
    if (part === '*') {
      pieces.push(piece)
      piece = ''
    } else piece += part.length === 2 ? part.slice(1) : part
  }
  return [...pieces, piece]
}

/** Whether a text is what a pattern says. */
function fits(pattern: string, text: string): boolean {
  const pieces = piecesOf(pattern)
  const short = pattern.endsWith(' *') ? pieces.with(-2, (pieces.at(-2) ?? '').slice(0, -1)).slice(0, -1) : null
  return stand(pieces, text) || (short !== null && stand(short, text))
}

/** Whether the pieces stand in the text in this order: the first at its beginning, the last at its end. */
function stand(pieces: readonly string[], text: string): boolean {
  const [first = ''] = pieces
  if (pieces.length === 1) return text === first
  const last = pieces.at(-1) ?? ''
  if (text.length < first.length + last.length || !text.startsWith(first) || !text.endsWith(last)) return false
  let from = first.length
  for (const piece of pieces.slice(1, -1)) {
    const at = text.indexOf(piece, from)
    if (at === -1) return false
    from = at + piece.length
  }
  return from <= text.length - last.length
}
