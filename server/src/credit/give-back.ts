import { sql, type Transaction } from 'kysely'
import type { Tables } from '../db/tables.ts'
import { unlessRefused } from '../ledger/refusal.ts'
import { sendPosts } from '../ledger/store.ts'

/** In the transaction that ends a machine: gives back the day that was paid with its making, once, where it never ran. */
export async function giveBackFirstDay(trx: Transaction<Tables>, machine: string, now: number): Promise<void> {
  const { rows } = await sql<{ tx: string }>`
    SELECT id::text AS tx FROM ledger.tx WHERE idem_key = ${`prepaid:${machine}`}
      AND NOT EXISTS (SELECT FROM audit_record WHERE resource = ${machine} AND to_state = 'running')`.execute(trx)
  const [paid] = rows
  if (!paid) return
  const reversal = { key: `prepaid-back:${machine}`, kind: 'reversal', reverses: paid.tx }
  for (const answer of await sendPosts(trx, [reversal], now)) unlessRefused(answer)
}
