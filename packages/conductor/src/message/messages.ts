// The messages of each calendar month (UTC): counted in the transaction that accepts a turn, and refused where the plan has no
// more. Never in a month before the one that the backend told last, so that a clock that goes back opens none again; one that
// goes ahead spends that later month's own, and leaves this one alone.

import { type MessageCount, type MessageLimits, type MessageUse, monthAt, monthEnd } from '@spoq/contracts/message'
import type { Database } from '../log/index.ts'
import { usedUp } from './used-up.ts'

export interface Messages {
  /**
   * Counts a turn; for inside the transaction that accepts it. Answers how it stands when little is left.
   * @throws SpoqError `messages_used_up`; nothing is counted then.
   */
  take(onCredit: boolean): MessageUse | undefined
  /** How it stands with each limit that there is. */
  uses(): MessageUse[]
  /** What was accepted in the last months, the newest first. */
  counts(): MessageCount[]
}

interface Options {
  machine: string
  now: () => number
  /** As the backend told it last; undefined: there are none. */
  limits: () => MessageLimits | undefined
}

type Kind = 'all' | 'onCredit'
/** So many months are told. */
const told = 12

export function openMessages({ sql }: Pick<Database, 'sql'>, { machine, now, limits }: Options): Messages {
  const select = sql.prepare(
    'SELECT total AS "all", on_credit AS onCredit FROM message_count WHERE machine = ? AND month = ?',
  )
  const selectLast = sql.prepare(
    `SELECT month, total AS "all", on_credit AS onCredit FROM message_count WHERE machine = ? ORDER BY month DESC LIMIT ${told}`,
  )
  const write = sql.prepare(
    'INSERT OR REPLACE INTO message_count (machine, month, total, on_credit) VALUES (?, ?, ?, ?)',
  )

  const zero = { all: 0, onCredit: 0 }

  /** What the account may do in the month that it is, and what was done here. */
  function standing() {
    const given = limits()
    const clock = monthAt(now())
    const month = given && given.month > clock ? given.month : clock
    const row = (select.get(machine, month) ?? zero) as Record<Kind, number>
    const isTold = given?.month === month
    const here = (kind: Kind) => Math.max(row[kind], (isTold && given?.[kind]?.here) || 0)
    const use = (kind: Kind): MessageUse | null => {
      const limit = given?.[kind]
      if (!limit) return null
      const used = here(kind) + (isTold ? limit.elsewhere : 0)
      return { used, most: limit.most, onCredit: kind === 'onCredit', until: new Date(monthEnd(month)).toISOString() }
    }
    return { given, month, here, all: use('all'), onCredit: use('onCredit') }
  }

  function take(onCredit: boolean): MessageUse | undefined {
    const { given, month, here, ...uses } = standing()
    const counted = [uses.all, onCredit ? uses.onCredit : null].filter(use => use !== null)
    const over = counted.find(({ used, most }) => used >= most)
    if (over && given) throw usedUp(given, over)
    write.run(machine, month, here('all') + 1, here('onCredit') + (onCredit ? 1 : 0))
    return counted.map(use => ({ ...use, used: use.used + 1 })).find(({ used, most }) => used * 10 >= most * 9)
  }

  return {
    take,
    uses: () => {
      const { all, onCredit } = standing()
      return [all, onCredit].filter(use => use !== null)
    },
    counts: () => selectLast.all(machine) as unknown as MessageCount[],
  }
}
