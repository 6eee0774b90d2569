// Does what is to be done to a machine once, with the provider's verb for it. Each of these may be repeated; the task ends
// with its record in one transaction, and only then the next one begins.

import { ProviderError, type Resource } from '@spoq/providers'
import { forgetTold } from '../../access/store.ts'
import { record } from '../../audit/record.ts'
import { backoffMs } from '../../backoff.ts'
import { textOf } from '../../log.ts'
import { change } from '../../machine/move.ts'
import { changeTask, findTask, type TaskRow } from '../../task/store.ts'
import { messageOf } from '../failure.ts'
import { maxAttempts } from '../plan.ts'
import { type Step, write } from '../step.ts'

const stages = {
  resize: 'changing its size',
  restart: 'restarting its Conductor',
  rotate: 'changing its password',
  snapshot: 'taking a snapshot',
  restore: 'going back to a snapshot',
  'remove-snapshot': 'removing a snapshot',
} as const satisfies Record<TaskRow['kind'], string>

export async function task(step: Step, { task, resource }: { task: TaskRow; resource: Resource }): Promise<void> {
  const attempts = task.attempts + 1
  const next_attempt_at = new Date(step.now() + backoffMs(attempts))
  if (!(await changeTask(step.db, task, { attempts, next_attempt_at }))) return
  await write(step, { stage: stages[task.kind] })
  try {
    if (await carryOut(step, task, resource.ref)) await end(step, task, 'done')
    // The provider is at it: that is no failed try.
    else await changeTask(step.db, task, { attempts: 0, error_message: null })
  } catch (error) {
    await failed(step, { ...task, attempts }, error)
  }
}

/** False when the provider is still at it. */
async function carryOut(step: Step, task: TaskRow, ref: string): Promise<boolean> {
  const { provider } = step
  if (task.kind === 'resize') {
    await provider.resize?.(ref, task.argument)
    return true
  }
  if (task.kind === 'rotate') {
    await provider.rotateCredentials?.(ref)
    return true
  }
  if (task.kind === 'restart') return restart(step, task, ref)
  if (task.kind === 'snapshot') {
    const taken = await provider.snapshot?.(ref, task.id)
    // Also of one that fails: what is left of it there is removed with it.
    if (taken) await changeTask(step.db, task, { provider_ref: taken.ref })
    if (taken?.state === 'failed') throw new ProviderError('refused', 'The provider could not take the snapshot.')
    return taken?.state === 'ready'
  }
  const snapshot = (await findTask(step.db, task.argument))?.provider_ref
  if (task.kind === 'remove-snapshot') {
    if (snapshot) await provider.removeSnapshot?.(ref, snapshot)
    return true
  }
  if (!snapshot) throw new ProviderError('gone', 'There is no such snapshot any more.')
  await provider.restore?.(ref, snapshot)
  return true
}

/** That it was stopped is written, so that a crash before it is started again stops it only once. */
async function restart({ provider, db }: Step, task: TaskRow, ref: string): Promise<boolean> {
  if (task.provider_ref === null) {
    await provider.suspend(ref)
    if ((await provider.status(ref))?.state !== 'stopped') return false
    await changeTask(db, task, { provider_ref: stopped })
  }
  await provider.resume(ref)
  return true
}

const stopped = 'stopped'

async function failed(step: Step, task: TaskRow, error: unknown): Promise<void> {
  const message = messageOf(error)
  step.log('warn', 'task.failed', { machine: step.row.id, kind: task.kind, error: textOf(error) })
  const isFinal = (error instanceof ProviderError && error.kind !== 'retry') || task.attempts >= maxAttempts
  if (isFinal) return end(step, task, 'failed', message)
  await changeTask(step.db, task, { error_message: message })
}

async function end(step: Step, task: TaskRow, state: 'done' | 'failed', error_message: string | null = null) {
  const { db, row, now } = step
  step.row = await db.transaction().execute(async trx => {
    const at = now()
    if (!(await changeTask(trx, task, { error_message, state, ended_at: new Date(at) }))) return row
    const done = state === 'done'
    if (done && task.kind === 'remove-snapshot') await changeTask(trx, { id: task.argument }, { state: 'removed' })
    // Its disk is from before, or it has just started: nobody is let in by what it remembers.
    if (done && (task.kind === 'restore' || task.kind === 'restart')) await forgetTold(trx, row.id)
    const why = {
      action: `machine.${task.kind}-${done ? 'done' : 'failed'}`,
      resource: row.id,
      reason: task.argument || null,
    }
    await record(trx, { actor: 'reconciler', ...why }, at)
    const { price_cents, price_currency, argument } = task
    const resized = done && task.kind === 'resize' ? { size: argument, price_cents, price_currency } : {}
    return change(trx, row, { stage: null, ...resized }, at)
  })
}
