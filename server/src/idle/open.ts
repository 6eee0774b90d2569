// Looks now and then for machines that nobody uses, and has them sleep. Only those that may have been idle for long enough
// are asked, a few at a time.

import type { MachineRow } from '../db/tables.ts'
import { textOf } from '../log.ts'
import { listOfProvider } from '../machine/store.ts'
import { type Repeated, repeat } from '../repeat.ts'
import { dailyPriceOf } from '../template/table.ts'
import type { IdlePorts } from './ports.ts'
import { sleep } from './sleep.ts'

const atOnce = 8

/** Looks each `everyMs`; one backend at a time does. */
export function openIdle(ports: IdlePorts, everyMs: number): Repeated {
  const look = idleLook(ports)
  return repeat({ name: 'idle', everyMs, log: ports.log }, () => ports.unlessLocked('idle', look))
}

/** One look. It remembers when each machine said that it was used last; after a restart it asks once more. */
export function idleLook(ports: IdlePorts): () => Promise<void> {
  let askAt = new Map<string, number>()
  return async () => {
    const rows = await awakeOnes(ports)
    const due = rows.filter(
      ({ row, idleMs }) => ports.now() >= (askAt.get(row.id) ?? row.updated_at.getTime() + idleMs),
    )
    askAt = new Map(rows.flatMap(({ row }) => (askAt.has(row.id) ? [[row.id, askAt.get(row.id) as number]] : [])))
    for (let from = 0; from < due.length; from += atOnce) await Promise.all(due.slice(from, from + atOnce).map(ask))
  }

  async function ask({ row, idleMs }: { row: MachineRow; idleMs: number }): Promise<void> {
    const next = await sleep(ports, row, idleMs).catch(error => {
      ports.log('info', 'machine.not-asked', { machine: row.id, error: textOf(error) })
      return ports.now() + idleMs
    })
    if (next === null) askAt.delete(row.id)
    else askAt.set(row.id, next)
  }
}

/** Those that run with nothing to be done about them, and may sleep. */
async function awakeOnes({ db, providers, idleAfterMs }: IdlePorts): Promise<{ row: MachineRow; idleMs: number }[]> {
  const sleepy = [...providers.values()].filter(({ capabilities }) => capabilities.sleeps)
  const rows = (await Promise.all(sleepy.map(({ name }) => listOfProvider(db, name)))).flat()
  const isAtRest = ({ state, wanted, holds, stage, endpoint, ending, template }: MachineRow) =>
    // What is paid by the day runs all day.
    dailyPriceOf(template) === null &&
    // One that ends is awake for its final backup.
    ending === null &&
    state === 'running' &&
    wanted === 'running' &&
    holds.length === 0 &&
    stage === null &&
    endpoint !== null
  const byAccount = Map.groupBy(rows.filter(isAtRest), ({ account_id }) => account_id)
  const awake = await Promise.all(
    [...byAccount].map(async ([account, of]) => {
      // One that is nobody's waits to be claimed, and is claimed without a wait.
      const idleMs = account === null ? null : await idleAfterMs(account)
      return idleMs === null ? [] : of.map(row => ({ row, idleMs }))
    }),
  )
  return awake.flat()
}
