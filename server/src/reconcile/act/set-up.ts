import type { SshTarget } from '@spoq/kit/ssh-job'
import type { Resource } from '@spoq/providers'
import { record } from '../../audit/record.ts'
import { textOf } from '../../log.ts'
import { change, StaleRow } from '../../machine/move.ts'
import { aim } from '../../machine/state.ts'
import { findMachine } from '../../machine/store.ts'
import { realTimers } from '../../timers.ts'
import { messageOf } from '../failure.ts'
import { type Step, write } from '../step.ts'

/** How soon it is seen that the machine is to be something else, in ms. */
const lookMs = 1_000

/**
 * Has a server set up over SSH and follows it to its end. It ends at once when the owner wants something else, when another
 * backend took the machine over, and when this one stops: the server goes on, and is followed again.
 */
export async function setUp(step: Step, { resource, renews }: { resource: Resource; renews: boolean }): Promise<void> {
  if (!renews) return followOn(step, resource, stage => write(step, { stage }))
  try {
    await step.setup?.renew(step.row)
    await followOn(step, resource, stage => write(step, { stage: `setting it up again: ${stage}` }))
  } catch (error) {
    if (error instanceof StaleRow) throw error
    step.log('warn', 'machine.renewal-failed', { machine: step.row.id, error: textOf(error) })
    return failed(step, messageOf(error))
  }
  const seen = (await step.setup?.look([step.row]))?.get(step.row.id)
  const failure = seen?.state === 'done' ? seen.renewal?.failed : null
  if (failure) return failed(step, failure)
  if (step.row.stage !== null) await write(step, { stage: null })
}

/** It runs as it did before. Its owner sees why, and the log of what happened has it once, however often it is tried. */
async function failed(step: Step, why: string): Promise<void> {
  const { db, row, now, log } = step
  const error_message = `It runs as before, and could not be set up for what it is to be now. ${why}`
  log('warn', 'machine.behind', { machine: row.id, message: why })
  step.row = await db.transaction().execute(async trx => {
    const what = { action: 'machine.set-up-failed', resource: row.id, reason: why }
    if (row.error_code !== 'renewal_failed') await record(trx, { actor: 'reconciler', ...what }, now())
    return change(trx, row, { stage: null, error_code: 'renewal_failed', error_message }, now())
  })
}

async function followOn(step: Step, resource: Resource, onStage: (stage: string) => Promise<void>): Promise<void> {
  const { setup, provider, row, ending, timers = realTimers } = step
  const target = await reach(step, resource)
  if (!setup || !target) throw new Error(`nobody sets up servers of ${provider.name}`)
  const off = new AbortController()
  const noMore = timers.every(lookMs, () => {
    isStill(step).then(
      still => still || off.abort(new StaleRow(`machine ${row.id} is wanted otherwise`)),
      () => {},
    )
  })
  const signal = ending ? AbortSignal.any([off.signal, ending]) : off.signal
  const isBrought = provider.capabilities.setUp === 'ssh'
  try {
    await setup.follow(row, { target, isBrought, signal, onStage })
  } catch (error) {
    // What a connection says that was cut by us is no reason.
    throw signal.aborted ? new StaleRow('called off') : error
  } finally {
    noMore()
  }
}

async function reach({ provider, setup, row }: Step, { ref, addresses }: Resource): Promise<SshTarget | null> {
  return provider.reach ? provider.reach(ref) : ((await setup?.reach(row, addresses)) ?? null)
}

/** Whom to refuse, and what its owner wants, does not wait for a set-up. */
async function isStill({ db, row, lease, access, now }: Step): Promise<boolean> {
  const found = await findMachine(db, row.id)
  if (found?.lease_owner !== lease.owner || found.name !== row.name) return false
  if (aim(found.wanted, found.holds, found.ending?.copy === 'making') !== 'running') return false
  if (row.state !== 'running' || row.endpoint === null) return true
  const told = (await access?.look([found]))?.get(row.id)
  return told === undefined || told.told || (told.notBefore !== null && now() < told.notBefore)
}
