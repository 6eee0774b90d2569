// The runner: starts commands as the user that it runs as, for a Conductor that is another one. That user is for commands
// alone: when none runs, all that is left of it is ended, whatever it did to hide.

import { randomUUID } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import type { Readable, Writable } from 'node:stream'
import { type Command, startCommand } from './command.ts'
import { linesOf, type Order, order, type Report, toLine } from './runner-wire.ts'

interface Channel {
  from: Readable
  to: Writable
}

/** Names a command in its own environment, to find what has left its process group. */
const mark = 'SPOQ_COMMAND'

type Start = Extract<Order, { start: number }>
type Live = Map<number, Command & { kill: () => void }>

/**
 * Serves a Conductor until its side of the channel ends; then nothing of this user but this process is left.
 * @param user the uid of this process. Every other process of it will be ended: it must not be a person's.
 * @throws Error when this process runs as another user, or as root.
 */
export async function runCommands({ from, to }: Channel, user: number): Promise<void> {
  if (user === 0 || process.getuid?.() !== user || process.geteuid?.() !== user)
    throw new Error(`the runner is to run as the user ${user}, which is not root`)
  const live: Live = new Map()
  const say = talk(to, live)
  try {
    for await (const line of linesOf(from)) obey(order.parse(JSON.parse(line)), live, say)
  } finally {
    endAll()
  }
}

/** Sends reports; while the Conductor does not take them the commands wait. */
function talk(to: Writable, live: Live): (report: Report) => void {
  const outputs = () => [...live.values()].flatMap(({ stdout, stderr }) => [stdout, stderr])
  to.on('drain', () => {
    for (const output of outputs()) output.resume()
  })
  // It has gone: the end of `from` says so too.
  to.on('error', () => undefined)
  return report => {
    if (!to.write(toLine(report))) for (const output of outputs()) output.pause()
  }
}

function obey(given: Order, live: Live, say: (report: Report) => void): void {
  if ('kill' in given) live.get(given.kill)?.kill()
  else start(given, live, say)
}

function start({ start: of, command, cwd, env }: Start, live: Live, say: (report: Report) => void): void {
  const name = randomUUID()
  const failed = (error: NodeJS.ErrnoException) => say({ of, failed: error.message, code: error.code })
  try {
    const started = startCommand(command, { cwd, env: { ...env, [mark]: name } }, () => {
      live.delete(of)
      if (live.size === 0) endAll()
      else endMarked(name)
    })
    live.set(of, started)
    for (const to of ['stdout', 'stderr'] as const)
      started[to].on('data', (data: Buffer) => say({ of, to, data: data.toString('base64') }))
    started.ended.then(ended => say({ of, ...ended }), failed).finally(() => live.delete(of))
  } catch (error) {
    failed(error as NodeJS.ErrnoException)
  }
}

/** Ends every process of this user but this one: that is what the system makes of -1. */
function endAll(): void {
  kill(-1)
}

/** Ends what has a command's mark: all that it started and that did not take it off. */
function endMarked(name: string): void {
  for (const pid of readdirSync('/proc')) if (/^\d+$/.test(pid) && hasMark(pid, name)) kill(Number(pid))
}

function hasMark(pid: string, name: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0').includes(`${mark}=${name}`)
  } catch {
    return false
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // Nothing is left of it.
  }
}
