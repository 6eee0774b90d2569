// `spoq run`: starts a command on the machine, joins its streams with ours, and answers its exit status.

import { constants } from 'node:os'
import type { Readable, Writable } from 'node:stream'
import { call } from '@spoq/client/call'
import { follow } from '@spoq/client/stream'
import type { Target } from '@spoq/client/target'
import { SpoqError } from '@spoq/contracts/problem'
import { type CommandInput, type RunEvent, runEvents, signalRun, startRun } from '@spoq/contracts/run'
import type { Interrupts } from '../render/interrupts.ts'
import { isReaderGone } from '../render/writer.ts'
import { type RunView, runBytes, runLines } from './run-view.ts'
import { sendAll } from './send-input.ts'

export interface Running {
  target: Target
  /** What the command reads; null gives it an empty input. */
  input: Readable | null
  stdout: Writable
  stderr: Writable
  /** Print the run's events, one a line, in place of its bytes. */
  json: boolean
  interrupts: Interrupts
  /** Called once the machine has taken the command. */
  started?: () => void
}

/** Who leaves waits this long for the machine to hear of it. */
const killPatienceMs = 2_000

type Ended = RunEvent & { type: 'run.ended' }

/**
 * Runs a command and answers its exit status, 128 + n when signal n ended it. Ctrl-C once is SIGINT for the command,
 * twice SIGKILL and leaves. Nobody reading any more ends it quietly with 0; the command goes on.
 * @throws SpoqError `command_not_found`, `interrupted`, `machine_unreachable`.
 */
export async function runCommand(running: Running, command: Omit<CommandInput, 'input'>): Promise<number> {
  const { target, input } = running
  const { run } = await call(target, startRun, { body: { ...command, input: input !== null } })
  running.started?.()
  const view = running.json ? runLines(running.stdout) : runBytes(running.stdout, running.stderr)
  const leaving = new AbortController()
  const leave = (reason: unknown) => leaving.abort(reason)
  const signal = AbortSignal.any([leaving.signal, view.failed])
  const forget = running.interrupts(interruptThenKill(target, run, signal, leave))
  const sent = input ? sendAll(target, run, input, signal).catch(leave) : undefined
  try {
    return statusOf(await toTheEnd(target, view, run, signal))
  } catch (error) {
    const reason: unknown = signal.aborted ? signal.reason : error
    if (isReaderGone(reason)) return 0
    throw reason
  } finally {
    forget()
    leaving.abort()
    input?.destroy()
    await sent
  }
}

async function toTheEnd(target: Target, view: RunView, run: string, signal: AbortSignal): Promise<Ended> {
  const events = follow(target, runEvents, {
    params: { run },
    isLast: event => event.type === 'run.ended',
    signal,
  })
  for await (const event of events) {
    view.show(event)
    await view.ready()
    if (event.type !== 'run.ended') continue
    await view.end()
    return event
  }
  throw new SpoqError('machine_unreachable')
}

/** As a shell says it. */
function statusOf({ status, signal }: Ended): number {
  return status ?? 128 + (constants.signals[signal as NodeJS.Signals] ?? 0)
}

function interruptThenKill(target: Target, run: string, signal: AbortSignal, leave: Leave): () => void {
  const send = (name: 'SIGINT' | 'SIGKILL', until: AbortSignal) =>
    call(target, signalRun, { params: { run }, body: { signal: name }, signal: until })
  const left = () => leave(new SpoqError('interrupted', { next: 'The command was told to end.' }))
  let times = 0
  return () => {
    times += 1
    if (times === 1) send('SIGINT', signal).catch(error => isEnded(error) || leave(error))
    else send('SIGKILL', AbortSignal.timeout(killPatienceMs)).then(left, left)
  }
}

type Leave = (reason: unknown) => void

const isEnded = (error: unknown) => error instanceof SpoqError && error.code === 'run_ended'
