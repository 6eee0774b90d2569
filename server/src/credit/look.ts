// What time does to credit, and what is asked of those who take payments though nothing was told.

import { coinPayKind } from '../coinpay/webhook.ts'
import type { Database } from '../db/open.ts'
import type { TopUpRow } from '../db/tables.ts'
import { type Repeated, repeat } from '../repeat.ts'
import { touch } from '../webhook/store.ts'
import { cardLookMs } from './card.ts'
import { cryptoLookMs } from './crypto.ts'
import type { CreditPorts } from './ports.ts'
import { chargeDays } from './prepaid.ts'
import { lookAtReaches } from './reach.ts'
import { settle } from './settle.ts'
import { changeWaiting, listDue } from './store.ts'

/** Looks now, when woken, and after each `everyMs`; one backend at a time does. */
export function openCredit(ports: CreditPorts, unlessLocked: Database['unlessLocked'], everyMs = 60_000): Repeated {
  const looks = repeat({ name: 'credit', everyMs, log: ports.log }, () =>
    unlessLocked('credit', () => lookAtCredit(ports)),
  )
  looks.wake()
  return looks
}

export async function lookAtCredit(ports: CreditPorts): Promise<void> {
  for (const row of await listDue(ports.db, ports.now())) await lookAtTopUp(ports, row)
  await chargeDays(ports)
  await lookAtReaches(ports)
}

async function lookAtTopUp(ports: CreditPorts, { id, reference, method, expires_at }: TopUpRow): Promise<void> {
  const { db, now } = ports
  // Nobody knows where it could have been paid.
  if (reference === null && expires_at.getTime() <= now()) return settle(ports, id, { state: 'expired' })
  const [kind, everyMs] = method === 'card' ? ['checkout.session', cardLookMs] : [coinPayKind, cryptoLookMs]
  if (reference !== null) await touch(db, kind, reference, now())
  await changeWaiting(db, id, { next_at: new Date(now() + Number(everyMs)) }, now())
}
