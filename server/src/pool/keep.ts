// Keeps as many machines ready as there are to be. Rows say all of it: what is made and ended is made and ended by the
// reconciler, as every machine is.

import type { ProvisioningProvider } from '@spoq/providers'
import type { Transaction } from 'kysely'
import { record } from '../audit/record.ts'
import type { MachineRow, Tables } from '../db/tables.ts'
import { textOf } from '../log.ts'
import { move } from '../machine/move.ts'
import { newRow } from '../machine/new-row.ts'
import type { Place } from '../machine/ports.ts'
import { insertMachine } from '../machine/store.ts'
import { countAsked, listUnclaimed, lockUnclaimed, warmStage } from '../machine/unclaimed.ts'
import { type Current, choose, target } from './choose.ts'
import { type PoolPorts, pooled } from './ports.ts'
import { findLimits } from './store.ts'

/** What was asked for in this time says how many are needed. */
const demandMs = 60_000

/**
 * Ends what nobody is to get and makes what is missing. Of several backends one does it at a time. Answers what machines are
 * made of now.
 * @param looking whether each of them is asked if it is well
 * @throws what the provider says when it does not tell that
 */
export async function keepPool(ports: PoolPorts, looking = true): Promise<string | undefined> {
  const provider = pooled(ports)
  const form = await provider?.form?.()
  if (provider && form !== undefined) await ports.unlessLocked('pool', () => keep(ports, provider, form, looking))
  return form
}

async function keep(ports: PoolPorts, provider: ProvisioningProvider, form: string, looking: boolean): Promise<void> {
  const { db, now, maxAgeMs } = ports
  const limits = (await findLimits(db)) ?? ports.limits
  const rows = await listUnclaimed(db, provider.name)
  if (limits.max === 0 && rows.length === 0) return
  const place = await ports.placeOf(provider.name, {}, ports.plan)
  const unhealthy = looking ? await sick(ports, provider, rows) : new Set<string>()
  const asked = await countAsked(db, provider.name, new Date(now() - demandMs))
  const { region = null, size = null } = place ?? {}
  const current: Current = { form, region, size, madeAfter: new Date(now() - maxAgeMs) }
  const { end, make } = choose(rows, target(limits, asked), current, unhealthy, now())
  for (const { row, reason } of end) await endOne(ports, row.id, reason)
  for (let made = 0; made < make; made++) await makeOne(ports, provider, place, form)
}

/** The warm ones whose Conductor does not answer. What does not run is the reconciler's to start. */
async function sick({ isHealthy, log }: PoolPorts, provider: ProvisioningProvider, rows: readonly MachineRow[]) {
  const warm = new Set(rows.filter(({ stage }) => stage === warmStage).map(({ id }) => id))
  if (warm.size === 0) return new Set<string>()
  const seen = await provider.list().catch(error => {
    log('warn', 'pool.unseen', { provider: provider.name, error: textOf(error) })
    return []
  })
  const running = seen.filter(({ machine, state }) => warm.has(machine) && state === 'running')
  const answers = await Promise.all(running.map(isHealthy))
  return new Set(running.filter((_, at) => !answers[at]).map(({ machine }) => machine))
}

/** Nothing happens to one that is claimed meanwhile. */
async function endOne({ db, wake, now, log }: PoolPorts, id: string, reason: string): Promise<void> {
  await db.transaction().execute(async trx => {
    const row = await lockUnclaimed(trx, id)
    if (!row) return
    const cause = { actor: 'operator', by: 'pool', action: 'pool.end', reason } as const
    await move(trx, row, 'terminating', cause, now(), {
      wanted: 'terminated',
      stage: 'ending',
      attempts: 0,
      next_attempt_at: null,
    })
    await wake(trx, id)
    log('info', 'pool.end', { machine: id, reason })
  })
}

async function makeOne(
  { db, wake, now }: PoolPorts,
  provider: ProvisioningProvider,
  place: Place | null,
  form: string,
) {
  await db.transaction().execute(async (trx: Transaction<Tables>) => {
    const fresh = newRow(provider.name, 'spoq', place, now())
    // No machine of anybody's can have its name: names have no underscore.
    const row = { ...fresh, account_id: null, name: fresh.id, pool_form: form }
    await insertMachine(trx, row)
    await record(trx, { actor: 'pool', action: 'pool.make', resource: row.id, to: row.state }, now())
    await wake(trx, row.id)
  })
}
