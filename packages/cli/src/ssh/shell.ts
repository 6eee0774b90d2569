// `spoq ssh`: this computer's ssh with our streams, and its exit status.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { SpoqError } from '@spoq/contracts/problem'
import { failureOf } from './failure.ts'
import { asArguments } from './options.ts'
import { readText } from './read-text.ts'
import { start } from './start.ts'
import type { Way } from './way.ts'

export interface Wish {
  /** Empty: a shell. As ssh does it, the words are joined and the shell there reads them. */
  command: readonly string[]
  /** For ssh, as they are. */
  extra: readonly string[]
  /** A terminal in any case; else for a shell on one. */
  tty: boolean
  hasTerminal: boolean
}

/** SSH's own failure. */
export const sshFailed = 255

/** Runs it; `failure` says why where SSH itself failed. @throws SpoqError `ssh_missing` */
export async function openShell(way: Way, wish: Wish): Promise<{ status: number; failure: SpoqError | null }> {
  const folder = mkdtempSync(join(tmpdir(), 'spoq-ssh-'))
  // What ssh says of itself goes into a file, so that it is told from what the command there says.
  const log = join(folder, 'log')
  const isTalkative = wish.extra.some(option => /^-v+$/.test(option))
  try {
    const said = isTalkative ? [] : ['-E', log]
    const { ended } = start('ssh', [...said, ...sshArguments(way, wish)], 'inherit')
    const status = await ended
    return {
      status,
      failure: status === sshFailed && !isTalkative ? failureOf(readText(log) ?? '', way.machine) : null,
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function sshArguments({ host, options }: Way, { command, extra, tty, hasTerminal }: Wish): string[] {
  const usual = command.length === 0 && hasTerminal ? '-t' : '-T'
  const terminal = tty ? '-tt' : usual
  return [...asArguments(options), terminal, ...extra, '--', host, ...command]
}
