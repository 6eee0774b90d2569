// Our block in the person's own ~/.ssh/config: one line that includes a file of ours. All else there stays as it is.

import { existsSync, mkdirSync, realpathSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { SpoqError } from '@spoq/contracts/problem'
import { writePrivately } from '../private-file.ts'
import { type Option, quoted } from './options.ts'
import { readText } from './read-text.ts'

const begin = '# spoq begin: written by spoq ssh-config, taken away by spoq ssh-config --remove'
const end = '# spoq end'
const block = /^# spoq begin\b[^\n]*\n(?:(?!# spoq (?:begin|end)\b)[^\n]*\n)*?# spoq end[^\n]*(?:\n|$)/m

/**
 * With the block at its beginning: after a `Host` it would hold for that one only. The same text when it is there already.
 * @param included the file that it names
 * @throws SpoqError `config_invalid` when half a block is there
 */
export const withBlock = (text: string, included: string): string =>
  `${begin}\nInclude ${quoted(included)}\n${end}\n${withoutBlock(text)}`

/** @throws SpoqError `config_invalid` when half a block is there */
export function withoutBlock(text: string): string {
  const rest = text.replace(block, '')
  if (/^# spoq (?:begin|end)\b/m.test(rest))
    throw new SpoqError('config_invalid', {
      message: 'Your SSH configuration has a part of the block of spoq, or two of them.',
      next: 'Take the lines from "# spoq begin" to "# spoq end" away, then run it again.',
    })
  return rest
}

/** Changes the file where the text changes; a link keeps leading where it leads. Answers whether it did. */
export function changeConfig(path: string, change: (text: string) => string): boolean {
  const file = existsSync(path) ? realpathSync(path) : path
  const text = readText(file) ?? ''
  const changed = change(text)
  if (changed === text) return false
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  if (changed === '') rmSync(file)
  else writePrivately(file, changed)
  return true
}

/** What is in the file of ours. */
export function hostsText(hosts: readonly { host: string; options: readonly Option[] }[]): string {
  const one = ({ host, options }: (typeof hosts)[number]) =>
    [`Host ${host}`, ...options.map(([word, value]) => `  ${word} ${value}`), ''].join('\n')
  return ['# Written by spoq ssh-config: changes here are lost.', ...hosts.map(one), ''].join('\n')
}
