// How many messages machines accepted, as they say themselves. Their numbers are of whole months and only grow, so that one that
// comes late, twice or not at all changes nothing.

import { showAccess } from '@spoq/contracts/access'
import { type MessageCount, monthAt } from '@spoq/contracts/message'
import type { Kysely, Transaction } from 'kysely'
import type { MachineRow, Tables } from '../db/tables.ts'
import { type Log, textOf } from '../log.ts'
import type { MachinePorts } from '../machine/ports.ts'
import { keepCount } from '../message/store.ts'
import type { LimitsMessages } from './content.ts'
import { reachedAt } from './reached-at.ts'
import { askAs } from './send.ts'
import { forgetTold } from './store.ts'

export interface CountPorts {
  db: Kysely<Tables>
  limits: LimitsMessages
  /** Asks one machine. @throws SpoqError what it answered, or `machine_unreachable`. */
  ask: (row: MachineRow) => Promise<readonly MessageCount[]>
  wake: (trx: Transaction<Tables>, machine: string) => Promise<void>
  now: () => number
  log: Log
}

export interface MessageCounter {
  /** Those of these machines whose messages are limited. */
  limited(rows: readonly MachineRow[]): Promise<ReadonlySet<string>>
  /** Asks one for its numbers, and keeps them. It never throws: the next look asks again. */
  count(row: MachineRow): Promise<void>
}

/** Older months decide nothing any more. */
const keptMs = 366 * 86_400_000

/** Remembers what each said last, so that nothing is written while nobody asks anything. */
export function messageCounter({ db, limits, ask, wake, now, log }: CountPorts): MessageCounter {
  const last = new Map<string, string>()

  async function keep({ id }: MachineRow, told: readonly MessageCount[]): Promise<void> {
    // A month that is still to come is told again when it is there.
    const [oldest, newest] = [monthAt(now() - keptMs), monthAt(now())]
    const counts = told.filter(({ month }) => month >= oldest && month <= newest)
    if (!counts.some(({ month }) => month === newest)) counts.push({ month: newest, all: 0, onCredit: 0 })
    const text = JSON.stringify(counts)
    if (last.get(id) === text) return
    await db.transaction().execute(async trx => {
      const kept: MessageCount[] = []
      for (const count of counts) kept.push(await keepCount(trx, id, count))
      const isLess = kept.some(
        ({ all, onCredit }, at) => all > (counts[at]?.all ?? 0) || onCredit > (counts[at]?.onCredit ?? 0),
      )
      // An older copy of its log was put back: it is told what it knew before.
      if (isLess) {
        await forgetTold(trx, id)
        await wake(trx, id)
      }
    })
    last.set(id, text)
  }

  return {
    limited: async rows => {
      const ids = new Set((await limits(rows)).keys())
      for (const id of last.keys()) if (!ids.has(id)) last.delete(id)
      return ids
    },
    count: row =>
      ask(row)
        .then(told => keep(row, told))
        .catch(error => log('debug', 'messages.not-counted', { machine: row.id, error: textOf(error) })),
  }
}

/** Asks a machine where it is reached, as its backend. */
export const askCounts =
  ({ providers, tokenFor }: { providers: MachinePorts['providers']; tokenFor: (machine: string) => Promise<string> }) =>
  async (row: MachineRow): Promise<readonly MessageCount[]> => {
    const endpoint = await reachedAt(providers, row)
    if (endpoint === null) return []
    const token = await tokenFor(row.id)
    return (await askAs({ endpoint, token }, ask => ask(showAccess, {}))).messages
  }
