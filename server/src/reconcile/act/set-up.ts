import type { Resource } from '@spoq/providers'
import { StaleRow } from '../../machine/move.ts'
import { aim } from '../../machine/state.ts'
import { findMachine } from '../../machine/store.ts'
import { type Step, write } from '../step.ts'

/** How soon it is seen that the machine is to be something else, in ms. */
const lookMs = 1_000

/**
 * Has a server set up over SSH and follows it to its end. It ends at once when the owner wants something else, when another
 * backend took the machine over, and when this one stops: the server goes on, and is followed again.
 */
export async function setUp(step: Step, { resource }: { resource: Resource }): Promise<void> {
  const { setup, provider, row, ending } = step
  const target = await provider.reach?.(resource.ref)
  if (!setup || !target) throw new Error(`nobody sets up servers of ${provider.name}`)
  const off = new AbortController()
  const looking = setInterval(() => {
    isStill(step).then(
      still => still || off.abort(new StaleRow(`machine ${row.id} is wanted otherwise`)),
      () => {},
    )
  }, lookMs)
  const signal = ending ? AbortSignal.any([off.signal, ending]) : off.signal
  try {
    await setup.follow(row, { target, signal, onStage: stage => write(step, { stage }) })
  } catch (error) {
    // What a connection says that was cut by us is no reason.
    throw signal.aborted ? new StaleRow('called off') : error
  } finally {
    clearInterval(looking)
  }
}

async function isStill({ db, row, lease }: Step): Promise<boolean> {
  const now = await findMachine(db, row.id)
  return now?.lease_owner === lease.owner && aim(now.wanted, now.holds) === 'running'
}
