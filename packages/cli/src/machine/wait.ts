// Waits until a machine is as it is wanted, and says what is being done meanwhile.

import { call } from '@spoq/client/call'
import type { Target } from '@spoq/client/target'
import { type Machine, showMachine } from '@spoq/contracts/machine'
import { SpoqError } from '@spoq/contracts/problem'
import type { Progress } from '../progress.ts'
import type { Interrupts } from '../render/interrupts.ts'
import { watch } from './watch.ts'

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
  const { progress, now: clock, usualSeconds, interrupts } = waiting
  const { id, name, wanted } = machine
  const begun = clock()
  const after = { message: `${name} goes on without this computer.`, next: 'Follow it with spoq status --watch.' }
  let known: Machine | undefined = machine
  return watch({ ...after, interrupts }, async signal => {
    const now = known ?? (await call(backend, showMachine, { params: { machine: id }, signal }))
    known = undefined
    if (now.state === state && (state !== 'running' || now.endpoint !== null)) return now
    if (now.state === 'failed') throw failed(now)
    if (now.wanted !== wanted || (now.state === 'terminated' && state !== 'terminated'))
      throw new SpoqError('machine_state', { message: `${now.name} is wanted ${now.wanted} meanwhile.` })
    progress.step(`${now.name}: ${now.stage ?? doing[state]}${time(clock() - begun, usualSeconds)}`)
    return undefined
  })
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
