// Commands as another user, by a runner that was started beside this process; see runner.ts.

import { randomUUID } from 'node:crypto'
import { appendFile, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { PassThrough, type Readable, type Writable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { cleanEnvironment } from './clean-environment.ts'
import type { Command, Ended } from './command.ts'
import { metadataAddresses, metadataLook } from './metadata.ts'
import { linesOf, type Order, report, toLine } from './runner-wire.ts'
import { type Sandbox, type SpawnOptions, withoutIsolation } from './sandbox.ts'

export interface Runner {
  spawn: Sandbox['spawn']
  /** Settles with the reason when the runner has ended: from then on nothing can be started. */
  ended: Promise<Error>
  /** Lets go of it: it ends, with all commands. */
  close: () => void
}

/** The runner at the other end of a channel. */
export function runnerAt(channel: { from: Readable; to: Writable }): Runner {
  const live = new Map<number, Live>()
  const ended = listen(channel.from, live).then(error => {
    for (const { reject } of live.values()) reject(error)
    live.clear()
    return error
  })
  channel.to.on('error', () => undefined)
  const send = (order: Order) => void channel.to.write(toLine(order))
  let last = 0
  const spawn = (command: readonly string[], options: SpawnOptions) => {
    options.signal.throwIfAborted()
    const of = ++last
    const env = cleanEnvironment(process.env, options.workspace, options.env)
    const { started, ...rest } = liveCommand()
    live.set(of, rest)
    send({ start: of, command: [...command], cwd: options.cwd, env })
    const kill = () => send({ kill: of })
    options.signal.addEventListener('abort', kill, { once: true })
    const forget = () => {
      live.delete(of)
      options.signal.removeEventListener('abort', kill)
    }
    started.ended.then(forget, forget)
    return started
  }
  const close = () => {
    channel.to.destroy()
    channel.from.destroy()
  }
  return { spawn, ended, close }
}

interface Live {
  stdout: PassThrough
  stderr: PassThrough
  resolve: (ended: Ended) => void
  reject: (error: Error) => void
}

function liveCommand(): Live & { started: Command } {
  const { promise, resolve, reject } = Promise.withResolvers<Ended>()
  const [stdout, stderr] = [new PassThrough(), new PassThrough()]
  const end = () => {
    stdout.end()
    stderr.end()
  }
  return {
    stdout,
    stderr,
    resolve: ended => {
      end()
      resolve(ended)
    },
    reject: error => {
      end()
      reject(error)
    },
    started: { stdout, stderr, ended: promise },
  }
}

/** Hands on what the runner tells, to its end, and says why it ended. */
async function listen(from: Readable, live: Map<number, Live>): Promise<Error> {
  try {
    for await (const line of linesOf(from)) {
      const told = report.parse(JSON.parse(line))
      const command = live.get(told.of)
      if (!command) continue
      if ('data' in told) command[told.to].write(Buffer.from(told.data, 'base64'))
      else if ('failed' in told) command.reject(Object.assign(new Error(told.failed), { code: told.code }))
      else command.resolve({ status: told.status, signal: told.signal as NodeJS.Signals | null })
    }
  } catch (cause) {
    if (from.destroyed && (cause as NodeJS.ErrnoException).code === 'ERR_STREAM_PREMATURE_CLOSE') return hasEnded()
    return new Error('the runner of the commands does not speak as it should', { cause })
  }
  return hasEnded()
}

const hasEnded = () => new Error('the runner of the commands has ended')

interface Place {
  /** What commands must not get at: 0700, of this process's user. */
  folder: string
  workspace: string
}

/**
 * Finds out, by commands, whether the runner is what it must be: another user without rights of its own, that works in the
 * workspace as this one does and does not see the folder. Never throws.
 */
export async function probeOtherUser(runner: Runner, place: Place): Promise<Sandbox> {
  const name = join(place.workspace, `.spoq-probe-${randomUUID()}`)
  const signal = AbortSignal.timeout(30_000)
  const inside = async (...command: string[]) => {
    const { workspace } = place
    const { stdout, ended } = runner.spawn(command, { workspace, cwd: workspace, env: {}, signal })
    const [printed] = await Promise.all([text(stdout), ended])
    return printed
  }
  try {
    await writeFile(`${name}-ours`, 'ours\n', { mode: 0o666 })
    check(await inside('sh', '-c', look, 'sh', place.folder, name, String(process.getuid?.())))
    await appendFile(`${name}-theirs`, 'ours\n')
    const both = (await readFile(`${name}-ours`, 'utf8')) + (await readFile(`${name}-theirs`, 'utf8'))
    if (both !== 'ours\ntheirs\ntheirs\nours\n') throw new Error('the two users do not share the workspace')
    const refused = await inside(process.execPath, '-e', metadataLook, ...metadataAddresses)
    return { isolation: 'uid', network: refused === 'refused\n' ? 'guarded' : 'shared', spawn: runner.spawn }
  } catch (error) {
    const { message } = error as Error
    return withoutIsolation(`commands cannot run as a user of their own (${message}): set the machine up again`)
  } finally {
    for (const whose of ['ours', 'theirs']) await rm(`${name}-${whose}`, { force: true }).catch(() => undefined)
  }
}

/** Prints what is wrong, or `fine`. */
const look = `
own=$(id -u)
[ "$own" != 0 ] && [ "$own" != "$3" ] || { echo 'it is not a user of its own'; exit; }
grep -q '^CapPrm:.*[1-9a-f]' /proc/self/status && { echo 'it has capabilities'; exit; }
grep -q '^NoNewPrivs:.*1' /proc/self/status || { echo 'it may gain rights by what it starts'; exit; }
ls "$1" > /dev/null 2>&1 && { echo 'it sees the folder of the machine'; exit; }
echo theirs >> "$2-ours" && echo theirs > "$2-theirs" || { echo 'it cannot write in the workspace'; exit; }
echo fine`

function check(said: string): void {
  if (said !== 'fine\n') throw new Error(said.trim() || 'nothing runs')
}
