// Which program a command really starts, once what only stands before it is taken away: `sudo`, `env A=b`, `timeout 5`.

import { posix } from 'node:path'
import type { Word } from './shell.ts'

export interface Program {
  /** Without its folder; empty when the command starts none. */
  name: string
  arguments: Word[]
  /** What is started is only known at run time. */
  dynamic: boolean
  /** `xargs`: more arguments come from its input. */
  fed: boolean
}

/** Programs that start the one named after their own options; the set names those options that take a value. */
const before: Record<string, ReadonlySet<string>> = {
  builtin: new Set(),
  busybox: new Set(),
  chroot: new Set(),
  command: new Set(),
  doas: new Set(['-u', '-C']),
  env: new Set(['-u', '--unset', '-C', '--chdir']),
  exec: new Set(['-a']),
  flock: new Set(['-w', '-E']),
  ionice: new Set(['-c', '-n']),
  nice: new Set(['-n', '--adjustment']),
  nohup: new Set(),
  setsid: new Set(),
  stdbuf: new Set(['-i', '-o', '-e']),
  sudo: new Set(['-u', '-g', '-h', '-p', '-C', '-r', '-t', '-U', '--user', '--group']),
  time: new Set(['-f', '-o']),
  timeout: new Set(['-k', '-s', '--signal', '--kill-after']),
  xargs: new Set(['-I', '-n', '-P', '-L', '-s', '-d', '-a', '-E']),
}

/** Those with arguments of their own before the program. */
const operands: Record<string, number> = { chroot: 1, flock: 1, timeout: 1 }

/** The program that a command's words start in the end. */
export function programOf(words: readonly Word[], fed = false, depth = 0): Program {
  const start = words.findIndex(word => !/^\w+\+?=/.test(word.text))
  const [first, ...rest] = start === -1 ? [] : words.slice(start)
  if (!first) return { name: '', arguments: [], dynamic: false, fed }
  if (first.dynamic) return { name: '', arguments: rest, dynamic: true, fed }
  const name = posix.basename(first.text)
  // The shell's own words do nothing there: whoever wrote that meant something else.
  if (start + depth > 0 && grammar.has(name)) return { ...unknown, arguments: rest }
  const valued = Object.hasOwn(before, name) ? before[name] : undefined
  if (!valued) return { name, arguments: rest, dynamic: false, fed }
  let at = 0
  for (; rest[at]?.text.startsWith('-'); at++) {
    if (rest[at]?.text === '--') {
      at++
      break
    }
    // `env -S` takes a whole command line apart.
    if (name === 'env' && /^(-\w*S|--split)/.test(rest[at]?.text ?? '')) return { ...unknown, arguments: rest }
    if (valued.has(rest[at]?.text ?? '')) at++
  }
  const next = rest.slice(at + (operands[name] ?? 0))
  return next.length === 0
    ? { name, arguments: rest, dynamic: false, fed }
    : programOf(next, fed || name === 'xargs', depth + 1)
}

const grammar = new Set(['{', '}', '!', 'if', 'then', 'else', 'for', 'while', 'until', 'do', 'case', 'function'])
const unknown = { name: '', dynamic: true, fed: false }
