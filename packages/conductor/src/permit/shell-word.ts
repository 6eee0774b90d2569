// Reads one word of a command line, with its quotes and with the commands inside it.

import { type Reading, readBracketed, readScript, type Script } from './shell.ts'

export interface Word {
  /** Without its quotes; what is only known at run time is left out of it. */
  text: string
  /** A part of it is only known at run time: a variable, the output of a command. */
  dynamic: boolean
  /** It begins with the home folder, which stands in the text as `~`. */
  home: boolean
}

/** Reads the word that begins here; the commands inside it are added to those that were found. */
export function readWord(reading: Reading): Word {
  const from = reading.at
  const word: Word = { text: '', dynamic: false, home: false }
  while (reading.at < reading.text.length && piece(reading, word, reading.at === from));
  // A step that reads nothing would be repeated for ever.
  if (reading.at === from) {
    reading.clear = false
    reading.at += 1
  }
  return word
}

/** Reads the next piece of a word; false at its end. */
function piece(reading: Reading, word: Word, isFirst: boolean): boolean {
  const character = reading.text[reading.at] ?? ''
  if (/^[<>]\(/.test(reading.text.slice(reading.at, reading.at + 2))) substitution(reading, word)
  else if (/[\s;&|<>()]/.test(character)) return false
  else if (character === "'") single(reading, word)
  else if (character === '"') double(reading, word)
  else if (character === '\\') escaped(reading, word)
  else if (character === '$') dollar(reading, word)
  else if (character === '`') backquoted(reading, word)
  else {
    if (character === '~' && isFirst) word.home = true
    plain(reading, word)
  }
  return true
}

function plain(reading: Reading, word: Word): void {
  word.text += reading.text[reading.at] ?? ''
  reading.at += 1
}

function escaped(reading: Reading, word: Word): void {
  const next = reading.text[reading.at + 1] ?? ''
  if (next !== '\n') word.text += next
  reading.at += 2
}

function single(reading: Reading, word: Word): void {
  const end = reading.text.indexOf("'", reading.at + 1)
  if (end === -1) reading.clear = false
  const to = end === -1 ? reading.text.length : end
  word.text += reading.text.slice(reading.at + 1, to)
  reading.at = to + 1
}

function double(reading: Reading, word: Word): void {
  reading.at += 1
  while (reading.at < reading.text.length && reading.text[reading.at] !== '"') {
    const character = reading.text[reading.at]
    if (character === '\\' && /["$`\\\n]/.test(reading.text[reading.at + 1] ?? '')) escaped(reading, word)
    else if (character === '$') dollar(reading, word)
    else if (character === '`') backquoted(reading, word)
    else plain(reading, word)
  }
  if (reading.at >= reading.text.length) reading.clear = false
  reading.at += 1
}

function dollar(reading: Reading, word: Word): void {
  const rest = reading.text.slice(reading.at)
  const [folder, name] = /^\$\{?(HOME|PWD)(?!\w|[^}\W])\}?/.exec(rest) ?? []
  const variable = /^\$(?:\{[^}`$()]*\}|\w+|[@*#?$!-])/.exec(rest)?.[0]
  if (rest.startsWith('$((')) arithmetic(reading, word)
  else if (rest.startsWith('$(')) substitution(reading, word)
  else if (folder !== undefined && /^(?:\$\w+|\$\{\w+\})$/.test(folder)) {
    word.home ||= name === 'HOME' && word.text === ''
    word.text += name === 'HOME' ? '~' : '.'
    reading.at += folder.length
  } else if (variable !== undefined) {
    word.dynamic = true
    reading.at += variable.length
  } else if (/^\$[{']/.test(rest)) {
    word.dynamic = true
    reading.clear = false
    reading.at += 2
  } else plain(reading, word)
}

function arithmetic(reading: Reading, word: Word): void {
  word.dynamic = true
  const end = reading.text.indexOf('))', reading.at)
  const to = end === -1 ? reading.text.length : end
  // `$((` may begin a substitution with a subshell in it; with these characters it could do harm.
  if (end === -1 || /[$`/;~]/.test(reading.text.slice(reading.at + 3, to))) reading.clear = false
  reading.at = to + 2
}

/** `$(…)`, `<(…)`, `>(…)`. */
function substitution(reading: Reading, word: Word): void {
  word.dynamic = true
  const inside = readBracketed(reading.text.slice(reading.at + 2))
  take(reading, inside)
  reading.at += inside.length + 3
}

function backquoted(reading: Reading, word: Word): void {
  word.dynamic = true
  const end = /(?<!\\)`/.exec(reading.text.slice(reading.at + 1))
  if (!end) reading.clear = false
  const to = end ? reading.at + 1 + end.index : reading.text.length
  take(reading, readScript(reading.text.slice(reading.at + 1, to).replace(/\\([`$\\])/g, '$1')))
  reading.at = to + 1
}

/** One deeper than where it stands: what it changes, such as the folder, ends with it. */
function take(reading: Reading, { commands, clear }: Script): void {
  for (const command of commands) reading.commands.push({ ...command, depth: command.depth + reading.depth + 1 })
  reading.clear &&= clear
}
