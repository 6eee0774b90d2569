// What time does to credit, and what is asked of those who take payments though nothing was told.

import { coinPayKind } from '../coinpay/webhook.ts'
import type { Database } from '../db/open.ts'
import type { TopUpRow } from '../db/tables.ts'
import { textOf } from '../log.ts'
import { type Repeated, repeat } from '../repeat.ts'
import { touch } from '../webhook/store.ts'
import { cardLookMs } from './card.ts'
import { cryptoLookMs } from './crypto.ts'
import type { CreditPorts } from './ports.ts'
import { chargeDays } from './prepaid.ts'
import { lookAtReaches } from './reach.ts'
import { settle } from './settle.ts'
import { changeWhile, listDue } from './store.ts'

/** Looks now, when woken, and after each `everyMs`; one backend at a time does. */
export function openCredit(ports: CreditPorts, unlessLocked: Database['unlessLocked'], everyMs = 60_000): Repeated {
  const looks = repeat({ name: 'credit', everyMs, log: ports.log }, () =>
    unlessLocked('credit', () => lookAtCredit(ports)),
  )
  looks.wake()
  return looks
}

export async function lookAtCredit(ports: CreditPorts): Promise<void> {
  for (const row of await listDue(ports.db, ports.now()))
    await lookAtTopUp(ports, row).catch(error =>
      ports.log('error', 'credit.not-looked', { topUp: row.id, error: textOf(error) }),
    )
  await chargeDays(ports)
  await lookAtReaches(ports)
}

/** So long it is looked whether coins come after all: they are somebody's, and no message may tell of them. */
const lateMs = 86_400_000

async function lookAtTopUp(ports: CreditPorts, row: TopUpRow): Promise<void> {
  const { db, now } = ports
  const { id, reference, method, state, expires_at } = row
  // Nobody knows where it could have been paid.
  if (reference === null && expires_at.getTime() <= now()) return settle(ports, id, { state: 'expired' })
  const [kind, usualMs] = method === 'card' ? ['checkout.session', cardLookMs] : [coinPayKind, cryptoLookMs]
  if (reference !== null) await touch(db, String(kind), reference, now())
  const everyMs = state === 'waiting' ? Number(usualMs) : cardLookMs
  const isOver = state !== 'waiting' && now() >= expires_at.getTime() + lateMs
  await changeWhile(db, row, { next_at: isOver ? null : new Date(now() + everyMs) }, now())
}
