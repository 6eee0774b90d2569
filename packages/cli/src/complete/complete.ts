// The lines that a shell's script reads: `value TAB description` each, or one that tells it to complete files itself.

import type { Context } from '../context.ts'
import { cut } from '../render/visible.ts'
import { type Candidate, type KnownCommand, suggest } from './suggest.ts'

const longestAbout = 60

interface House {
  commands: readonly KnownCommand[]
  topics: Record<string, { description: string }>
}

/**
 * Completes the last of the words. Never throws: who presses a key shall see a name or nothing.
 * @param contextOf for the flags among the words, such as --machine.
 */
export async function complete(
  house: House,
  words: readonly string[],
  contextOf: (flags: Record<string, string>) => Context,
): Promise<string[]> {
  try {
    const { candidates, source, current, before } = suggest(house, words)
    if (source === 'files' || source === 'directories') return [`:${source}`]
    const more = source ? await remote(source, contextOf(placeIn(words))) : []
    const fitting = more.filter(({ value }) => value.startsWith(current))
    return [...candidates, ...fitting.map(one => ({ ...one, value: before + one.value }))].map(line)
  } catch {
    return []
  }
}

async function remote(source: 'machine' | 'session' | 'run', context: Context): Promise<Candidate[]> {
  const { remoteValues } = await import('./remote.ts')
  return remoteValues(source, context).catch(() => [])
}

/** Where the names are asked for: `spoq ask --machine otter --session …`. */
function placeIn(words: readonly string[]): Record<string, string> {
  const found: Record<string, string> = {}
  for (const [index, word] of words.slice(0, -1).entries()) {
    const [, name, inline] = /^--(machine|server)(?:=(.+))?$/.exec(word) ?? []
    const value = inline ?? (words[index + 1] === '=' ? words[index + 2] : words[index + 1])
    if (name !== undefined && value) found[name] = value
  }
  return found
}

const line = ({ value, about }: Candidate) => (about === '' ? value : `${value}\t${cut(about, longestAbout)}`)
