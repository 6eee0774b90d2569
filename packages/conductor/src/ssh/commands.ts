// The command line for who comes in over SSH: it finds this very machine without a token, and stands on the path where this
// computer has it only beside the Conductor.

import { existsSync, mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { quoted } from '@spoq/kit/shell-word'

const usualPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

interface Place {
  /** A file of the machine's folder of SSH. */
  path: (name: string) => string
  /** The machine's own folder. */
  folder: string
  write: (path: string, text: string, mode?: number) => void
}

/** Writes what a session needs for it; answers what its environment says besides. */
export function commandsFor({ path, folder, write }: Place): Record<string, string> {
  write(path('vps.marker'), `${JSON.stringify({ folder })}\n`)
  const program = findCli(import.meta.dirname)
  if (program === null) return { SPOQ_MARKER: path('vps.marker') }
  mkdirSync(path('bin'), { recursive: true, mode: 0o700 })
  const text = `#!/bin/sh\nexec ${quoted(process.execPath)} ${quoted(program)} "$@"\n`
  for (const name of ['spoq', 'sparebox']) write(join(path('bin'), name), text, 0o700)
  // Last: what this computer has itself goes before it.
  return { SPOQ_MARKER: path('vps.marker'), PATH: `${usualPath}:${path('bin')}` }
}

/** Where the command line starts, in the folder that this program is part of; null where it came alone. */
export function findCli(from: string): string | null {
  const program = join(from, 'bin/run.js')
  if (existsSync(program) && existsSync(join(from, 'package.json'))) return program
  return dirname(from) === from ? null : findCli(dirname(from))
}
