import { call } from '@spoq/client/call'
import type { Target } from '@spoq/client/target'
import { type Machine, machineHistory, restartMachine, rotateMachine, showMachine } from '@spoq/contracts/machine'
import { SpoqError } from '@spoq/contracts/problem'
import type { Context } from '../context.ts'
import { startProgress } from '../progress.ts'
import { watch } from './watch.ts'

const tasks = {
  restart: { route: restartMachine, stage: 'restarting', failed: 'could not be restarted' },
  rotate: { route: rotateMachine, stage: 'changing its password', failed: 'has its password still' },
} as const

/**
 * Has something done to a machine once, and waits until its history says how that went. Ctrl-C ends the waiting, nothing else.
 * @throws SpoqError `machine_failed`, `interrupted`.
 */
export async function doOnce(
  context: Context,
  backend: Target,
  { id, name }: Machine,
  { task, wait }: { task: keyof typeof tasks; wait: boolean },
): Promise<Machine> {
  const { route, stage, failed } = tasks[task]
  const params = { machine: id }
  const asked = await call(backend, route, { params })
  if (!wait) return asked
  const progress = await startProgress(context)
  const next = `Follow it with ${context.bin} machine show ${name}.`
  try {
    return await watch({ message: `${name} goes on without this computer.`, next }, async signal => {
      const { records } = await call(backend, machineHistory, { params, signal })
      const since = records.findLastIndex(({ action }) => action === `machine.${task}`)
      const result = records.slice(since).find(({ action }) => action.startsWith(`machine.${task}-`))
      if (result?.action === `machine.${task}-failed`)
        throw new SpoqError('machine_failed', {
          message: `${name} ${failed}.`,
          next: `See ${context.bin} machine show ${name}.`,
        })
      const machine = await call(backend, showMachine, { params, signal })
      if (result) return machine
      progress.step(`${name}: ${machine.stage ?? stage}`)
      return undefined
    })
  } finally {
    progress.stop()
  }
}
