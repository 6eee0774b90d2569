// The states of a machine and who may change which into which. Every pair that is not here is refused.

import type { Hold, MachineState, WantedState } from '@spoq/contracts/machine'

/** The owner of the machine, the one loop that makes things so, somebody who runs this backend. */
export const actors = ['owner', 'reconciler', 'operator'] as const
export type Actor = (typeof actors)[number]

type Edge = readonly [from: MachineState, to: MachineState, by: readonly Actor[]]

const people = ['owner', 'operator'] as const
const reconciler = ['reconciler'] as const

export const edges: readonly Edge[] = [
  // Terminate is legal from every state that is not on its way there.
  ['pending', 'terminating', people],
  ['provisioning', 'terminating', people],
  ['running', 'terminating', people],
  ['stopped', 'terminating', people],
  ['suspended', 'terminating', people],
  ['failed', 'terminating', people],
  ['terminating', 'terminated', reconciler],

  ['pending', 'provisioning', reconciler],
  ['provisioning', 'running', reconciler],
  // Stopped or held while it was being made.
  ['provisioning', 'stopped', reconciler],
  ['provisioning', 'suspended', reconciler],

  ['running', 'stopped', reconciler],
  ['running', 'suspended', reconciler],
  ['stopped', 'running', reconciler],
  ['stopped', 'suspended', reconciler],
  ['suspended', 'running', reconciler],
  ['suspended', 'stopped', reconciler],

  ['pending', 'failed', reconciler],
  ['provisioning', 'failed', reconciler],
  ['running', 'failed', reconciler],
  ['stopped', 'failed', reconciler],
  ['suspended', 'failed', reconciler],
  // Only a person tries again what was given up.
  ['failed', 'pending', people],
]

/** Whether the actor may change a machine's state so. */
export function mayMove(from: MachineState, to: MachineState, actor: Actor): boolean {
  return edges.some(([f, t, by]) => f === from && t === to && by.includes(actor))
}

/** Under these a machine does not run for its final backup either. */
const strict: readonly Hold[] = ['abuse', 'admin']

/**
 * The state that a machine should come to: holds go before the owner's wish, and an end before both. `copying`: it ends,
 * and runs until its final backup is made.
 */
export function aim(
  wanted: WantedState,
  holds: readonly Hold[],
  copying = false,
): 'running' | 'stopped' | 'suspended' | 'terminated' {
  if (wanted === 'terminated') return 'terminated'
  if (copying && !holds.some(hold => strict.includes(hold))) return 'running'
  return holds.length > 0 ? 'suspended' : wanted
}

/** Whether a machine is over, or about to be: nothing but its end can be wanted of it. */
export const isEnding = (state: MachineState): boolean => state === 'terminating' || state === 'terminated'
