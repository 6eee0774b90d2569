import type { Transaction } from 'kysely'
import { prepaidOf } from '../credit/prepaid.ts'
import type { Tables } from '../db/tables.ts'
import { lockOwnedAll } from '../machine/store.ts'
import { beginUnpaid } from './begin-unpaid.ts'
import type { EndingPorts } from './ports.ts'

/** In the transaction that finds credit used up for too long: begins the end of each machine that was suspended for it. */
export async function onCreditGone(
  ports: EndingPorts,
  trx: Transaction<Tables>,
  account: string,
  to: string | null,
): Promise<void> {
  const prepaid = new Set(await prepaidOf(trx, account))
  const rows = await lockOwnedAll(trx, account)
  const unpaid = rows.filter(({ id, holds }) => prepaid.has(id) && holds.includes('balance'))
  await beginUnpaid(ports, trx, unpaid, { to, why: 'its credit is used up' })
}
