import { setTimeout as sleep } from 'node:timers/promises'
import { call } from '@spoq/client/call'
import type { Target } from '@spoq/client/target'
import { type Machine, machineHistory, restartMachine as restartRoute, showMachine } from '@spoq/contracts/machine'
import { SpoqError } from '@spoq/contracts/problem'
import type { Context } from '../context.ts'
import { startProgress } from '../progress.ts'
import { processInterrupts } from '../render/interrupts.ts'

const everyMs = 300

/**
 * Has a machine's Conductor restarted, and waits until its history says how that went. Ctrl-C ends the waiting, nothing else.
 * @throws SpoqError `machine_failed`, `interrupted`.
 */
export async function restartMachine(
  context: Context,
  backend: Target,
  { id, name }: Machine,
  wait: boolean,
): Promise<Machine> {
  const params = { machine: id }
  const asked = await call(backend, restartRoute, { params })
  if (!wait) return asked
  const progress = await startProgress(context)
  const ended = new AbortController()
  const forget = processInterrupts(() => ended.abort())
  try {
    for (;;) {
      const { records } = await call(backend, machineHistory, { params, signal: ended.signal })
      const since = records.findLastIndex(({ action }) => action === 'machine.restart')
      const result = records.slice(since).find(({ action }) => /^machine\.restart-/.test(action))
      if (result?.action === 'machine.restart-failed')
        throw new SpoqError('machine_failed', {
          message: `${name} could not be restarted.`,
          next: `See ${context.bin} machine show ${name}.`,
        })
      const machine = await call(backend, showMachine, { params, signal: ended.signal })
      if (result) return machine
      progress.step(`${name}: ${machine.stage ?? 'restarting'}`)
      await sleep(everyMs, undefined, { signal: ended.signal })
    }
  } catch (error) {
    if (!ended.signal.aborted) throw error
    const next = `Follow it with ${context.bin} machine show ${name}.`
    throw new SpoqError('interrupted', { message: `${name} goes on without this computer.`, next })
  } finally {
    forget()
    progress.stop()
  }
}
