// Starts a program of this computer's OpenSSH and answers how it ended. Its signals are ours.

import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process'
import { constants } from 'node:os'
import { SpoqError } from '@spoq/contracts/problem'

export type Program = 'ssh' | 'scp'

export interface Started {
  child: ChildProcess
  /** Its exit status, or 128 + n when signal n ended it. */
  ended: Promise<number>
}

/** A terminal sends Ctrl-C to both of us: what it does is the program's to say. The others reach us alone. */
const passedOn = ['SIGTERM', 'SIGHUP'] as const

/** `ended` throws SpoqError `ssh_missing` where there is no such program. */
export function start(program: Program, args: readonly string[], stdio: StdioOptions): Started {
  const wait = () => {}
  const pass = (signal: NodeJS.Signals) => void child.kill(signal)
  // Before it runs: a signal in between would end us and leave it there.
  process.on('SIGINT', wait)
  for (const signal of passedOn) process.on(signal, pass)
  const child = spawn(program, args, { stdio })
  const ended = new Promise<number>((resolve, reject) => {
    child.once('error', error => reject(missing(program, error)))
    child.once('close', (status, signal) => resolve(status ?? 128 + (signal ? constants.signals[signal] : 0)))
  }).finally(() => {
    process.off('SIGINT', wait)
    for (const signal of passedOn) process.off(signal, pass)
  })
  return { child, ended }
}

function missing(program: Program, error: NodeJS.ErrnoException): Error {
  if (error.code !== 'ENOENT') return error
  return new SpoqError('ssh_missing', { message: `This computer has no ${program}.`, cause: error })
}
