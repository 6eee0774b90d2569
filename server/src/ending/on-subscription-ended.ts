import type { Transaction } from 'kysely'
import type { Tables } from '../db/tables.ts'
import { isUnpaid } from '../machine/on-plan-changed.ts'
import { lockOwnedAll } from '../machine/store.ts'
import { beginUnpaid } from './begin-unpaid.ts'
import type { EndingPorts } from './ports.ts'

/** In the transaction that ends the subscription: begins the end of each machine that was suspended for it. */
export async function onSubscriptionEnded(
  ports: EndingPorts,
  trx: Transaction<Tables>,
  account: string,
  to: string | null,
): Promise<void> {
  const rows = (await lockOwnedAll(trx, account)).filter(isUnpaid)
  await beginUnpaid(ports, trx, rows, { to, why: 'its subscription is over' })
}
