// How many messages machines may accept in a month: what the plan of their account has, less what its other machines used.
// With a key of the owner's own that is so of those of the fleet that a plan pays for; on Spoq credit everywhere.

import { type MessageLimits, monthAt } from '@spoq/contracts/message'
import type { Plan } from '@spoq/contracts/plan'
import type { MachineRow } from '../db/tables.ts'
import { isOfFleet } from '../machine/allowed.ts'
import type { MachinePorts } from '../machine/ports.ts'
import { mostOf } from '../plan/limit.ts'
import { type PlanPorts, plansOf } from '../plan/of.ts'
import { type CountedMachine, listCounts } from './store.ts'

export interface MessagePorts extends Pick<PlanPorts, 'db' | 'usual' | 'now'> {
  providers: MachinePorts['providers']
}

type Row = Pick<MachineRow, 'id' | 'account_id' | 'provider' | 'template'>

/** The limits of each of these machines; one without any is left out. */
export async function messageLimits(
  { db, usual, now, providers }: MessagePorts,
  rows: readonly Row[],
): Promise<Map<string, MessageLimits>> {
  const isFleet = (row: Pick<Row, 'provider' | 'template'>) => isOfFleet(providers, row)
  const owned = rows.filter(row => row.account_id !== null) as (Row & { account_id: string })[]
  const planOf = await plansOf({ db, usual }, [...new Set(owned.map(row => row.account_id))])
  const limited = owned.flatMap(row => {
    const most = mostsOf(planOf(row.account_id), isFleet(row))
    return most.all || most.onCredit ? [{ row, most }] : []
  })
  const month = monthAt(now())
  const accounts = new Set(limited.map(({ row }) => row.account_id))
  const counts = Map.groupBy(await listCounts(db, [...accounts], month), count => count.account_id)
  return new Map(
    limited.map(({ row, most: { plan, all, onCredit } }) => {
      const counted = counts.get(row.account_id) ?? []
      return [
        row.id,
        {
          plan,
          month,
          all: all && { ...all, ...used(counted.filter(isFleet), row.id, 'all') },
          onCredit: onCredit && { ...onCredit, ...used(counted, row.id, 'onCredit') },
        },
      ]
    }),
  )
}

const mostsOf = (plan: Plan, onFleet: boolean) => ({
  plan: plan.title,
  all: onFleet ? mostOf(plan, 'messages') : null,
  onCredit: mostOf(plan, 'messagesOnCredit'),
})

/** What one machine may be told of, whatever others said. */
const most = 1_000_000_000

function used(counted: readonly CountedMachine[], machine: string, kind: 'all' | 'onCredit') {
  const sum = (of: readonly CountedMachine[]) =>
    Math.min(
      most,
      of.reduce((total, count) => total + count[kind], 0),
    )
  return {
    elsewhere: sum(counted.filter(({ id }) => id !== machine)),
    here: sum(counted.filter(({ id }) => id === machine)),
  }
}
