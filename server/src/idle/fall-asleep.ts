// One question to a machine's Conductor: whether it is used; a no is binding for it from then on.

import { call } from '@spoq/client/call'
import { sleepMachine } from '@spoq/contracts/access'
import type { IdlePorts } from './ports.ts'

const patienceMs = 10_000

/** Asks at the machine's address, as the backend itself. */
export function fallAsleepOver(tokenFor: (machine: string) => Promise<string>): IdlePorts['fallAsleep'] {
  return async ({ id, endpoint }, idleMs) => {
    const target = {
      origin: endpoint ?? '',
      token: () => tokenFor(id),
      unreachable: 'machine_unreachable',
      now: Date.now,
    } as const
    const signal = AbortSignal.timeout(patienceMs)
    const { asleep, activeAt } = await call(target, sleepMachine, { body: { idleMs }, signal })
    return { asleep, activeAt: Date.parse(activeAt) }
  }
}
