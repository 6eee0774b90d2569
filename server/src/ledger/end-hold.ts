import { sql } from 'kysely'
import type { Ledger, Within } from './ports.ts'
import { sendRelease } from './store.ts'

export interface Ended {
  how: 'captured' | 'released' | 'expired'
  /** What the capture has taken of its account, in micro-units. */
  taken: bigint
}

/**
 * Ends a hold for good, by the key that it was made with, whatever became of whoever made it, and answers how it has ended: what
 * nobody has captured is free again, and cannot be captured any more. Null: there is none.
 * @throws SpoqError `unavailable`
 */
export async function endHold({ db, now }: Ledger, key: string, within?: Within): Promise<Ended | null> {
  const on = within ?? db
  const { rows: made } = await sql<{ id: string }>`SELECT id::text FROM ledger.hold WHERE idem_key = ${key}`.execute(on)
  if (!made[0]) return null
  const how = (await sendRelease(on, made[0].id, now())) as Ended['how']
  if (how !== 'captured') return { how, taken: 0n }
  const { rows: taken } = await sql<{ amount: string }>`
    SELECT (-entry.amount)::text AS amount
    FROM ledger.hold JOIN ledger.hold_end ON hold_end.hold = hold.id
      JOIN ledger.entry ON entry.tx = hold_end.tx AND entry.account = hold.account
    WHERE hold.id = ${made[0].id}::bigint`.execute(on)
  return { how, taken: BigInt(taken[0]?.amount ?? 0) }
}
