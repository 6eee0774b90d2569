// Asks the backend for another state of a machine, and waits for it.

import { call } from '@spoq/client/call'
import type { Target } from '@spoq/client/target'
import { keepMachine, type Machine, startMachine, stopMachine, terminateMachine } from '@spoq/contracts/machine'
import type { Context } from '../context.ts'
import { startProgress } from '../progress.ts'
import { forgetMachines } from './chosen.ts'
import { waitForState } from './wait.ts'

const changes = {
  start: { route: startMachine, state: 'running' },
  stop: { route: stopMachine, state: 'stopped' },
  terminate: { route: terminateMachine, state: 'terminated' },
  keep: { route: keepMachine, state: null },
} as const

interface Options {
  verb: keyof typeof changes
  /** False: answers as soon as it is wanted. */
  wait: boolean
}

/** Changes a machine. For errors see the routes and `waitForState`. */
export async function changeMachine(
  context: Context,
  backend: Target,
  { id }: Machine,
  { verb, wait }: Options,
): Promise<Machine> {
  const { route, state } = changes[verb]
  const machine = await call(backend, route, { params: { machine: id } })
  forgetMachines(context)
  // Kept, it comes to what was wanted before; what holds it else goes on to hold it.
  const isHeld = state === null && (machine.holds.length > 0 || machine.state === 'failed')
  if (!wait || isHeld) return machine
  const progress = await startProgress(context)
  try {
    return await waitForState(backend, machine, state ?? machine.wanted, { progress, now: context.now })
  } finally {
    progress.stop()
  }
}
