// Waits until a machine is as it is wanted, and says what is being done meanwhile.

import { setTimeout as sleep } from 'node:timers/promises'
import { call } from '@spoq/client/call'
import type { Target } from '@spoq/client/target'
import { type Machine, showMachine } from '@spoq/contracts/machine'
import { SpoqError } from '@spoq/contracts/problem'
import type { Progress } from '../progress.ts'
import { type Interrupts, processInterrupts } from '../render/interrupts.ts'

const everyMs = 300

/** What is being done while nothing more exact is known. */
const doing = { running: 'starting', stopped: 'stopping', terminated: 'ending' } as const

interface Waiting {
  progress: Progress
  now: () => number
  /** How long it usually takes. */
  usualSeconds?: number | null
  interrupts?: Interrupts
}

/**
 * Waits until a machine is in a state; `running` counts once it can be reached. Ctrl-C ends the waiting, nothing else.
 * @throws SpoqError `machine_failed` when it cannot be made, `machine_state` when somebody wants something else
 * meanwhile, `interrupted`.
 */
export async function waitForState(
  backend: Target,
  machine: Machine,
  state: keyof typeof doing,
  waiting: Waiting,
): Promise<Machine> {
  const ended = new AbortController()
  const forget = (waiting.interrupts ?? processInterrupts)(() => ended.abort())
  try {
    return await untilThere(backend, machine, state, waiting, ended.signal)
  } catch (error) {
    throw ended.signal.aborted ? interrupted(machine) : error
  } finally {
    forget()
  }
}

const interrupted = ({ name }: Machine) =>
  new SpoqError('interrupted', {
    message: `${name} goes on without this computer.`,
    next: 'Follow it with spoq status --watch.',
  })

async function untilThere(
  backend: Target,
  machine: Machine,
  state: keyof typeof doing,
  { progress, now: clock, usualSeconds }: Waiting,
  signal: AbortSignal,
): Promise<Machine> {
  const { wanted } = machine
  const begun = clock()
  const look = () => call(backend, showMachine, { params: { machine: machine.id }, signal })
  for (let now = machine; ; now = await look()) {
    if (now.state === state && (state !== 'running' || now.endpoint !== null)) return now
    if (now.state === 'failed') throw failed(now)
    if (now.wanted !== wanted || (now.state === 'terminated' && state !== 'terminated'))
      throw new SpoqError('machine_state', { message: `${now.name} is wanted ${now.wanted} meanwhile.` })
    progress.step(`${now.name}: ${now.stage ?? doing[state]}${time(clock() - begun, usualSeconds)}`)
    await sleep(everyMs, undefined, { signal })
  }
}

/** How long it has taken, once that is worth a word; each step is said once on what is no terminal, so in tens of seconds. */
function time(ms: number, usualSeconds: number | null = null): string {
  const seconds = Math.floor(ms / 10_000) * 10
  if (seconds === 0) return ''
  return usualSeconds === null ? ` (${seconds} s)` : ` (${seconds} s; usually ${usualSeconds} s)`
}

const failed = ({ name, error }: Machine) =>
  new SpoqError('machine_failed', {
    message: `${name} could not be made: ${error?.message ?? 'the reason is not known'}`,
    next: `See spoq machine show ${name}; spoq machine start ${name} tries again.`,
  })
