import { sql } from 'kysely'
import type { Ledger, Within } from './ports.ts'
import { accountCode, checked } from './shape.ts'

/** In micro-units. */
export interface Balance {
  balance: bigint
  held: bigint
  /** What can be spent; below 0 after a dispute. */
  available: bigint
}

/** What a customer has now. Without any posting yet it is nothing. */
export async function balance({ db, now }: Ledger, account: string, within?: Within): Promise<Balance> {
  const code = checked(accountCode, account)
  const { rows } = await sql<{ balance: string; held: string; floor: string }>`
    SELECT balance::text, floor::text, (held - coalesce((
        SELECT sum(amount) FROM ledger.open_hold
        WHERE open_hold.account = account.id AND expires_at <= ${new Date(now())}::timestamptz
      ), 0))::text AS held
    FROM ledger.account WHERE code = ${code} AND guarded`.execute(within ?? db)
  const [amount, held, floor] = [BigInt(rows[0]?.balance ?? 0), BigInt(rows[0]?.held ?? 0), BigInt(rows[0]?.floor ?? 0)]
  return { balance: amount, held, available: amount - held - floor }
}
