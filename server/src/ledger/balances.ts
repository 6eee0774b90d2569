import { sql } from 'kysely'
import type { Ledger } from './ports.ts'
import { customer } from './shape.ts'

/**
 * What each of many accounts can spend, in micro-units, by their ids; in one look. What was set aside and is over counts until
 * it is ended, within a minute.
 */
export async function availableOf(
  { db }: Pick<Ledger, 'db'>,
  accounts: readonly string[],
): Promise<Map<string, bigint>> {
  if (accounts.length === 0) return new Map()
  const { rows } = await sql<{ code: string; available: string }>`
    SELECT code, (balance - held - floor)::text AS available FROM ledger.account
    WHERE code IN (${sql.join(accounts.map(customer))}) AND guarded`.execute(db)
  const found = new Map(rows.map(({ code, available }) => [code, BigInt(available)]))
  return new Map(accounts.map(account => [account, found.get(customer(account)) ?? 0n]))
}
