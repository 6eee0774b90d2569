// Waits until a machine is as it is wanted, and says what is being done meanwhile.

import { setTimeout as sleep } from 'node:timers/promises'
import { call } from '@spoq/client/call'
import type { Target } from '@spoq/client/target'
import { type Machine, showMachine } from '@spoq/contracts/machine'
import { SpoqError } from '@spoq/contracts/problem'
import type { Progress } from '../progress.ts'

const everyMs = 300

/** What is being done while nothing more exact is known. */
const doing = { running: 'starting', stopped: 'stopping', terminated: 'ending' } as const

/**
 * Waits until a machine is in a state; `running` counts once it can be reached.
 * @throws SpoqError `machine_failed` when it cannot be made, `machine_state` when somebody wants something else meanwhile
 */
export async function waitForState(
  backend: Target,
  machine: Machine,
  state: keyof typeof doing,
  progress: Progress,
): Promise<Machine> {
  const { wanted } = machine
  for (let now = machine; ; now = await call(backend, showMachine, { params: { machine: machine.id } })) {
    if (now.state === state && (state !== 'running' || now.endpoint !== null)) return now
    if (now.state === 'failed') throw failed(now)
    if (now.wanted !== wanted || (now.state === 'terminated' && state !== 'terminated'))
      throw new SpoqError('machine_state', { message: `${now.name} is wanted ${now.wanted} meanwhile.` })
    progress.step(`${now.name}: ${now.stage ?? doing[state]}`)
    await sleep(everyMs)
  }
}

const failed = ({ name, error }: Machine) =>
  new SpoqError('machine_failed', {
    message: `${name} could not be made: ${error?.message ?? 'the reason is not known'}`,
    next: `See spoq machine show ${name}; spoq machine start ${name} tries again.`,
  })
