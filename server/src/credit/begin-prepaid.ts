import type { Transaction } from 'kysely'
import type { Tables } from '../db/tables.ts'
import { post } from '../ledger/post.ts'
import { customer } from '../ledger/shape.ts'
import { assertEnough } from './enough.ts'
import type { CreditPorts } from './ports.ts'
import { putPrepaid } from './prepaid.ts'

/**
 * In the transaction that makes a machine: takes its first day, and has each that comes taken. One at a time of an account.
 * @throws SpoqError `credit_short` when what there is is not enough for a week.
 */
export async function beginPrepaid(
  { ledger, now }: Pick<CreditPorts, 'ledger' | 'now'>,
  trx: Transaction<Tables>,
  wanted: { machine: string; account: string; microsDaily: bigint },
): Promise<void> {
  const { machine, account, microsDaily } = wanted
  await assertEnough({ ledger }, trx, wanted)
  const lines = [
    { account: customer(account), amount: -microsDaily },
    { account: 'revenue', amount: microsDaily },
  ]
  await post(ledger, { key: `prepaid:${machine}`, kind: 'prepaid', lines }, trx)
  await putPrepaid(trx, wanted, now())
}
