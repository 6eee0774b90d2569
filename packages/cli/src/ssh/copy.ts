// `spoq cp`: this computer's scp, with one side on a machine.

import { SpoqError } from '@spoq/contracts/problem'
import { failureOf } from './failure.ts'
import { asArguments } from './options.ts'
import { start } from './start.ts'
import type { Way } from './way.ts'

/** What is to be copied where; one of the two sides is on a machine. */
export interface Copying {
  /** Undefined: the usual one. */
  machine: string | undefined
  to: 'machine' | 'here'
  sources: string[]
  target: string
}

/**
 * Reads `SRC… DST`: what has a colon before any slash is `MACHINE:path`, as with scp.
 * @throws SpoqError `usage`
 */
export function readPaths(words: readonly string[], platform: NodeJS.Platform = process.platform): Copying {
  const sides = words.map(word => sideOf(word, platform))
  const target = sides.at(-1)
  const sources = sides.slice(0, -1)
  if (!target || sources.length === 0) throw misused('What to copy, or where to, is missing.')
  const there = sources.filter(({ machine }) => machine !== undefined)
  if (there.length > 0 && target.machine !== undefined) throw misused('Both sides are on a machine.')
  if (there.length === 0 && target.machine === undefined) throw misused('Neither side is on a machine.')
  if (there.length > 0 && there.length < sources.length) throw misused('Some of it is here and some on a machine.')
  const machines = [...new Set([...there, target].flatMap(({ machine }) => machine ?? []))]
  if (machines.length > 1) throw misused(`It is on several machines: ${machines.join(', ')}.`)
  return {
    machine: machines[0] || undefined,
    to: there.length > 0 ? 'here' : 'machine',
    sources: sources.map(({ path }) => path),
    target: target.path,
  }
}

interface Side {
  /** Undefined: here. Empty: the usual one. */
  machine: string | undefined
  path: string
}

function sideOf(word: string, platform: NodeJS.Platform): Side {
  const isDrive = platform === 'win32' && /^[a-z]:/i.test(word)
  const [, machine, path = ''] = isDrive ? [] : (/^([^/:]*):(.*)$/s.exec(word) ?? [])
  return machine === undefined ? { machine, path: word } : { machine, path }
}

const misused = (message: string) =>
  new SpoqError('usage', { message, next: 'One side is MACHINE:path or :path: spoq cp notes.txt :notes.txt' })

interface Wish {
  recursive: boolean
  quiet: boolean
  /** For scp, as they are. */
  extra: readonly string[]
}

/** Copies it. What scp says goes to stderr as it comes. @throws SpoqError that says why not */
export async function copy(way: Way, copying: Copying, { recursive, quiet, extra }: Wish): Promise<void> {
  const flags = [...(recursive ? ['-r'] : []), ...(quiet ? ['-q'] : [])]
  const args = [...asArguments(way.options), ...flags, ...extra, '--', ...pathsOf(way, copying)]
  const { child, ended } = start('scp', args, ['inherit', quiet ? 'ignore' : 'inherit', 'pipe'])
  let said = ''
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-8_192)
  })
  const status = await ended
  if (status === 0) return void process.stderr.write(said)
  throw failureOf(said.replaceAll(/^scp: Connection closed\s*$/gm, ''), way.machine) ?? new SpoqError('ssh_failed')
}

function pathsOf({ host }: Way, { to, sources, target }: Copying): string[] {
  const there = (path: string) => `${host}:${path}`
  return to === 'machine' ? [...sources.map(here), there(target)] : [...sources.map(there), here(target)]
}

/** A colon in a name of this computer means no machine. */
const here = (path: string) => (/^[^/]*:/.test(path) && process.platform !== 'win32' ? `./${path}` : path)
