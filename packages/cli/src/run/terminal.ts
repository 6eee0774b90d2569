// `spoq run --tty`: a command with a terminal, which SSH carries, in the same place as without one.

import { call } from '@spoq/client/call'
import { SpoqError } from '@spoq/contracts/problem'
import { showStatus } from '@spoq/contracts/status'
import { quoted } from '@spoq/kit/shell-word'
import type { Context } from '../context.ts'
import { readMarker } from '../marker.ts'
import { openShell } from '../ssh/shell.ts'
import { wayTo } from '../ssh/way.ts'
import { machineTarget } from '../target.ts'

/**
 * Runs it on this terminal; `failure` says why where SSH itself failed.
 * @param directory relative to the workspace
 * @throws SpoqError `usage` on the machine itself, `ssh_not_offered`, `ssh_missing`, and those of `machineTarget`
 */
export async function runOnTerminal(context: Context, command: readonly string[], directory: string) {
  if (!context.machine && !context.server && readMarker(context.setting))
    throw new SpoqError('usage', { message: 'This is the machine itself.', next: 'Run the command as it is.' })
  const [way, { workspace }] = await Promise.all([
    wayTo(context, undefined),
    call(await machineTarget(context), showStatus),
  ])
  const words = [commandLine(workspace, directory, command)]
  return openShell(way, { command: words, extra: [], tty: true, hasTerminal: true })
}

/** One line for any shell of POSIX. What is said of a folder that is not there is the shell's. */
export const commandLine = (workspace: string, directory: string, command: readonly string[]): string =>
  `cd ${quoted(workspace)} && cd ${quoted(directory)} && exec ${command.map(quoted).join(' ')}`
