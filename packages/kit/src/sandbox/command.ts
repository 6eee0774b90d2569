// A command that was started: what it prints, and how it ends, wherever it runs.

import {
  type ChildProcess,
  type SpawnOptionsWithStdioTuple,
  type StdioNull,
  type StdioPipe,
  spawn,
} from 'node:child_process'
import type { Socket } from 'node:net'
import type { Readable } from 'node:stream'
import { killGroup } from './kill-group.ts'

export interface Ended {
  /** The exit status; null when a signal ended it. */
  status: number | null
  signal: NodeJS.Signals | null
}

export interface Command {
  stdout: Readable
  stderr: Readable
  /** Settles when it has ended and all that it printed was read. @throws Error when it could not be started. */
  ended: Promise<Ended>
}

/** An output that something hidden still holds is let go when nothing came of it for so long. */
const quietMs = 1000

/**
 * Starts a program with an empty input and a process group of its own. When it ends, or `kill` is called, what is left of
 * that group is killed.
 * @param ended called at its end, to look for what has left the group.
 */
export function startCommand(
  [program = '', ...rest]: readonly string[],
  { cwd, env }: { cwd: string; env: Record<string, string> },
  leftBehind: () => void = () => {},
): Command & { kill: () => void } {
  const stdio: SpawnOptionsWithStdioTuple<StdioNull, StdioPipe, StdioPipe>['stdio'] = ['ignore', 'pipe', 'pipe']
  const child = spawn(program, rest, { cwd, env, stdio, detached: true })
  const kill = () => void killGroup(child, 'SIGKILL')
  // What it left in the background holds the pipes open: without an end to that there is no `close`.
  child.once('exit', () => {
    kill()
    leftBehind()
    letGo(child.stdout)
    letGo(child.stderr)
  })
  return { stdout: child.stdout, stderr: child.stderr, ended: endOf(child), kill }
}

function endOf(child: ChildProcess): Promise<Ended> {
  const { promise, resolve, reject } = Promise.withResolvers<Ended>()
  child.once('error', reject)
  child.once('close', (status, signal) => resolve({ status, signal }))
  // Whoever does not ask how it ended does not want to be told by a crash.
  promise.catch(() => undefined)
  return promise
}

/** All that the command itself wrote is read by then: only what it left behind could write more. */
function letGo(output: Readable): void {
  const { bytesRead, destroyed } = output as Socket
  if (destroyed) return
  let before = bytesRead
  const look = setInterval(() => {
    const { bytesRead: now, readableLength } = output as Socket
    if (now === before && readableLength === 0 && !output.isPaused()) output.destroy()
    before = now
  }, quietMs).unref()
  output.once('close', () => clearInterval(look))
}
