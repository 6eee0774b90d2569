// Ends a machine with grace, and says what that means.

import { call } from '@spoq/client/call'
import type { Target } from '@spoq/client/target'
import { endMachine as endRoute, type Machine, showMachine } from '@spoq/contracts/machine'
import { SpoqError } from '@spoq/contracts/problem'
import type { Context } from '../context.ts'
import { startProgress } from '../progress.ts'
import { forgetMachines } from './chosen.ts'
import { watch } from './watch.ts'

/** What a person is asked before. */
export function questionOf(name: string, { endsAt, copy }: { endsAt: string | null; copy: boolean }): string {
  if (endsAt === null) return `End ${name}? There is nothing on it yet.`
  const day = endsAt.slice(0, 10)
  return copy
    ? `End ${name} on ${day}? A final backup is made first.`
    : `End ${name} on ${day}? This server keeps no backups: all its files are gone then.`
}

/** What was done. */
export function endedInWords({ bin }: Context, { name, state, ending }: Machine): string {
  if (!ending) return state === 'terminated' ? `${name} is gone.` : `${name} is ${state}.`
  const day = ending.endsAt.slice(0, 10)
  const copy = {
    none: 'This server keeps no backups.',
    making: 'Its final backup is being made.',
    ready: `Its final backup is ${ending.backup}, kept for 30 days after that.`,
    failed: `Its final backup could not be made yet, and is tried again: ${ending.reason}`,
  }[ending.copy]
  return `${name} ends on ${day}. ${copy}\nUntil then ${bin} machine keep ${name} undoes it.`
}

/**
 * Asks for the end, and waits until the final backup is made and the machine stopped. Ctrl-C ends the waiting, nothing else.
 * @throws SpoqError `interrupted`; `machine_state` when it is kept meanwhile.
 */
export async function endMachine(context: Context, backend: Target, { id }: Machine, wait: boolean): Promise<Machine> {
  const machine = await call(backend, endRoute, { params: { machine: id } })
  forgetMachines(context)
  if (!wait) return machine
  const progress = await startProgress(context)
  const message = `${machine.name} goes on to its end without this computer.`
  const next = `Follow it with ${context.bin} machine show ${machine.name}.`
  try {
    return await watch({ message, next }, async signal => {
      const now = await call(backend, showMachine, { params: { machine: id }, signal })
      if (isDone(now)) return now
      if (!now.ending && now.wanted !== 'terminated')
        throw new SpoqError('machine_state', { message: `${now.name} is kept meanwhile.` })
      progress.step(`${now.name}: ${now.ending?.copy === 'making' ? 'making a final backup' : 'stopping'}`)
      return undefined
    })
  } finally {
    progress.stop()
  }
}

const isDone = ({ state, ending }: Machine) =>
  state === 'terminated' || (ending && ending.copy !== 'making' && (state === 'suspended' || state === 'failed'))
